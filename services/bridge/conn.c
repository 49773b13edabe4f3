#include "services/bridge/conn.h"

void conn_send_text(struct conn *c, const char *p, size_t n)
{
	c->ops->text(c, p, n);
}

bool conn_takes_files(const struct conn *c)
{
	return c->ops->file != NULL;
}

bool conn_send_file(struct conn *c, int fd, uint32_t channel, int64_t offset, int64_t size)
{
	return c->ops->file(c, fd, channel, offset, size);
}

void conn_close(struct conn *c, int code, const char *reason)
{
	c->ops->close(c, code, reason);
}
