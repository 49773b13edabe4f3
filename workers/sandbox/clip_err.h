/* What can go wrong while a clip is made, as the caller of arena-sandbox-clip reads it. */
#ifndef ARENA_SANDBOX_CLIP_ERR_H
#define ARENA_SANDBOX_CLIP_ERR_H

enum clip_err {
	CLIP_OK,
	CLIP_INVALID_IMAGE,   /* the picture cannot be read; another try gives the same */
	CLIP_INVALID_REQUEST, /* the JSON on stdin is not a job that we can do */
	CLIP_INTERNAL,        /* ours: memory, disk, encoder */
};

/* The name on the wire ("invalid_image"). Never NULL. */
const char *clip_err_name(enum clip_err e);

#endif
