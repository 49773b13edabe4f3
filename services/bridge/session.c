#include "services/bridge/session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/json.h"
#include "proto/log.h"
#include "services/bridge/batch.h"
#include "services/bridge/frame.h"
#include "services/bridge/link.h"
#include "services/bridge/upload.h"

#define POLL_MS   25000     /* less than proxies wait for an answer */
#define GONE_MS   60000     /* a closed session still says why */
#define PULL_MAX  (1 << 20) /* bytes of frames in one answer, or one frame */
#define TOKEN_SUM 32
#define MARK      8 /* bytes of a bridge's mark, and of what a session has of its own */

struct item {
	struct item *prev, *next;
	int64_t seq;
	size_t n;
	char text[];
};

struct session {
	struct conn conn; /* first */
	struct bridge *b;
	char id[ID_MAX];
	char *token;
	uint8_t sum[TOKEN_SUM]; /* of the token: compared in constant time, whatever its length */
	int64_t pushed;         /* the last batch that was done */
	struct item *out;       /* not acknowledged, oldest first */
	size_t out_n, out_bytes;
	int64_t told;      /* number of the newest frame */
	struct call *pull; /* held: then nothing is in out */
	int64_t pull_ack, pull_until;
	int code; /* closed with it; 0: open */
	char reason[124];
	int64_t closed_ms;
	UT_hash_handle hh;
};

struct sessions {
	char mark[2 * MARK + 1];
	struct session *by_id;
};

/* ---- refusals ---- */

/* Why it is closed, as an error. */
static void refuse_closed(struct session *s, struct call *c)
{
	enum err e = s->code == WS_UNAUTHORIZED ? ERR_UNAUTHORIZED
		     : s->code == WS_TRY_LATER  ? ERR_OVERLOADED
						: ERR_UNKNOWN_SESSION;

	call_refuse(c, e, &PROBLEM(.message = s->reason));
}

/* ---- out ---- */

static void out_drop(struct session *s, struct item *i)
{
	DL_DELETE(s->out, i);
	s->out_n--;
	s->out_bytes -= i->n;
	free(i);
}

static void out_clear(struct session *s)
{
	while (s->out)
		out_drop(s, s->out);
}

/* The pull that is held, with what waits, be it nothing. */
static void answer_pull(struct session *s)
{
	struct session_news news = {.seq = s->pull_ack};
	struct buf text = {0};
	struct call *c = s->pull;
	const struct item *i;

	buf_adds(&text, "[");
	DL_FOREACH (s->out, i) {
		if (text.n > 1 && text.n + i->n > PULL_MAX)
			break;
		json_next(&text);
		buf_add(&text, i->text, i->n);
		news.seq = i->seq;
	}
	buf_adds(&text, "]");
	news.frames = text.p;
	s->pull = NULL;
	call_answer(c, &news);
	buf_free(&text);
}

/* Answer the pull that is held, if there is what to say. */
static void settle(struct session *s)
{
	struct call *c = s->pull;

	if (!c)
		return;
	if (s->out) {
		answer_pull(s);
	} else if (s->code) {
		s->pull = NULL;
		refuse_closed(s, c);
	}
}

static void close_with(struct conn *conn, int code, const char *reason)
{
	struct session *s = (struct session *)conn;

	if (s->code)
		return;
	s->code = code;
	s->closed_ms = mono_ms();
	snprintf(s->reason, sizeof s->reason, "%s", reason);
	settle(s);
}

static void send_text(struct conn *conn, const char *p, size_t n)
{
	struct session *s = (struct session *)conn;
	struct item *i;

	if (s->code)
		return;
	if (s->out_n >= OUT_MSGS || s->out_bytes + n > OUT_BYTES) {
		out_clear(s);
		metric_add(&fig_culled, 1);
		close_with(conn, WS_LAGGARD, "you do not read what is sent");
		return; /* the next tick lets go of the link, which is being worked with now */
	}
	i = xmalloc(sizeof *i + n);
	i->seq = ++s->told;
	i->n = n;
	memcpy(i->text, p, n);
	DL_APPEND(s->out, i);
	s->out_n++;
	s->out_bytes += n;
	settle(s);
}

static const struct conn_ops ops = {"http", send_text, NULL, close_with};

/* ---- who ---- */

static void sum_token(const char *token, uint8_t sum[TOKEN_SUM])
{
	crypto_generichash(sum, TOKEN_SUM, (const unsigned char *)token, strlen(token), NULL, 0);
}

/* NULL: refused already. */
static struct session *find(struct bridge *b, struct call *c, const char *id, const char *token)
{
	uint8_t sum[TOKEN_SUM];
	struct session *s;

	HASH_FIND_STR(b->sessions->by_id, id ? id : "", s);
	sum_token(token ? token : "", sum);
	if (s && sodium_memcmp(sum, s->sum, sizeof sum) == 0)
		return s;
	call_refuse(c, ERR_UNKNOWN_SESSION, NULL);
	return NULL;
}

static void session_free(struct session *s)
{
	HASH_DEL(s->b->sessions->by_id, s);
	metric_set(&fig_sessions, HASH_COUNT(s->b->sessions->by_id));
	if (s->pull)
		call_refuse(s->pull, ERR_UNKNOWN_SESSION, NULL);
	out_clear(s);
	sodium_memzero(s->token, strlen(s->token));
	free(s->token);
	free(s);
}

/* ---- asks ---- */

void session_open(struct bridge *b, struct call *c)
{
	const struct session_new *want = call_rec(c);
	char own[2 * MARK + 1];
	struct session *s;

	if (b->draining || HASH_COUNT(b->sessions->by_id) >= SESSIONS_MAX) {
		call_refuse(c, b->draining ? ERR_UNAVAILABLE : ERR_OVERLOADED, NULL);
		return;
	}
	s = xcalloc(1, sizeof *s);
	s->b = b;
	token_hex(MARK, own);
	snprintf(s->id, sizeof s->id, "s-%s-%s", b->sessions->mark, own);
	s->token = xstrdup(want->token ? want->token : "");
	sum_token(s->token, s->sum);
	s->conn = (struct conn){.ops = &ops, .token = s->token};
	HASH_ADD_STR(b->sessions->by_id, id, s);
	metric_set(&fig_sessions, HASH_COUNT(b->sessions->by_id));
	log_debug("session_opened", LS("session", s->id), LS("peer", want->peer));
	link_open(b, &s->conn);
	call_answer(c, &(struct session_place){.session = s->id, .poll_ms = POLL_MS});
}

/* Each frame as if it had come over a socket; one of them may close the session. */
static void take_frames(struct session *s, const struct piece *pieces, size_t n)
{
	for (size_t i = 0; i < n && !s->code; i++) {
		struct link *w = s->conn.user;

		if (pieces[i].n > FRAME_MAX)
			link_drop(w, WS_TOO_LARGE, "a frame is too large");
		else
			link_text(w, pieces[i].p, pieces[i].n);
	}
}

void session_push(struct bridge *b, struct call *c)
{
	static struct piece pieces[BATCH_MAX];
	const struct session_push *push = call_rec(c);
	struct session *s = find(b, c, push->session, push->token);
	const char *text;
	size_t n;

	if (!s)
		return;
	text = push->frames ? push->frames : "";
	if (s->code) {
		refuse_closed(s, c);
	} else if (push->seq > s->pushed + 1 || push->seq < 1) {
		call_refuse(c, ERR_BAD_PARAM,
			&PROBLEM(.message = "seq is not the next number: frames were left out."));
	} else if (push->seq <= s->pushed) {
		call_answer(c, NULL); /* it was done before */
	} else if (!batch_cut(text, strlen(text), pieces, &n)) {
		call_refuse(c, ERR_BAD_JSON,
			&PROBLEM(.message = "Send a JSON array of up to 1024 frames."));
	} else {
		s->pushed = push->seq;
		take_frames(s, pieces, n);
		call_answer(c, NULL);
	}
}

void session_pull(struct bridge *b, struct call *c)
{
	const struct session_pull *pull = call_rec(c);
	struct session *s = find(b, c, pull->session, pull->token);
	struct link *w;

	if (!s)
		return;
	if (s->pull) /* whoever asked so is not there any more */
		answer_pull(s);
	while (s->out && s->out->seq <= pull->ack)
		out_drop(s, s->out);
	w = s->conn.user;
	if (w)
		w->heard_ms = mono_ms();
	s->pull = c;
	s->pull_ack = pull->ack;
	s->pull_until = mono_ms() + POLL_MS;
	settle(s);
}

void session_bytes(struct bridge *b, struct call *c)
{
	const struct session_bytes *part = call_rec(c);
	struct session *s = find(b, c, part->session, part->token);
	struct session_offset at = {0};
	struct link *w;
	enum err e;
	int fd = -1;

	if (!s)
		return;
	if (s->code) {
		refuse_closed(s, c);
		return;
	}
	w = s->conn.user;
	if (w->state != LINK_LIVE) {
		call_refuse(c, ERR_UNKNOWN_UPLOAD, NULL);
		return;
	}
	w->heard_ms = mono_ms();
	if (part->file && blob_open_temporary(b->blobs, part->file, &fd) != ERR_OK) {
		call_refuse(c, ERR_STORE, NULL);
		return;
	}
	e = upload_part(
		w, part->job, part->upload ? part->upload : "", fd, part->offset, &at.offset);
	if (fd >= 0)
		close(fd);
	if (e == ERR_OK)
		call_answer(c, &at);
	else
		call_refuse(c, e, NULL);
}

void session_close(struct bridge *b, struct call *c)
{
	const struct session_ref *ref = call_rec(c);
	struct session *s = find(b, c, ref->session, ref->token);

	if (!s)
		return;
	call_answer(c, NULL);
	if (s->conn.user)
		link_closed(s->conn.user);
	session_free(s);
}

void session_who(struct bridge *b, struct call *c)
{
	call_answer(c, &(struct bridge_mark){.mark = b->sessions->mark});
}

/* ---- time ---- */

void sessions_tick(struct bridge *b, int64_t now_ms)
{
	struct session *s, *tmp;

	HASH_ITER (hh, b->sessions->by_id, s, tmp) {
		if (s->code && s->conn.user)
			link_closed(s->conn.user);
		if (s->pull && now_ms >= s->pull_until)
			answer_pull(s);
		if (s->code && now_ms - s->closed_ms >= GONE_MS)
			session_free(s);
	}
}

void sessions_open(struct bridge *b)
{
	b->sessions = xcalloc(1, sizeof *b->sessions);
	token_hex(MARK, b->sessions->mark);
}

void sessions_close(struct bridge *b)
{
	struct session *s, *tmp;

	if (!b->sessions)
		return;
	HASH_ITER (hh, b->sessions->by_id, s, tmp) {
		session_free(s);
	}
	free(b->sessions);
}
