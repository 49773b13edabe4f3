#include "services/bridge/picture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "proto/clock.h"

#define PICTURE_MAX (16 << 20) /* bytes of a poster or a sprite sheet */

/* WebM and Matroska begin with the EBML mark; what else comes through the prober is MP4. */
static const char *mime_of(const char *path)
{
	static const unsigned char ebml[4] = {0x1a, 0x45, 0xdf, 0xa3};
	unsigned char head[4] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, head, sizeof head) : 0;

	if (fd >= 0)
		close(fd);
	return n == 4 && memcmp(head, ebml, 4) == 0 ? "video/webm" : "video/mp4";
}

/* A picture is nice to have: without one the result is still good. */
static void take_file(struct file *f, struct blobs *blobs, const char *dir, const char *name)
{
	char path[1024];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	if (access(path, R_OK) == 0)
		(void)blob_import(blobs, path, PICTURE_MAX, &f->w, f->sha256, &f->size);
}

static enum err take_remuxed(struct picture *pic, struct blobs *blobs, const char *dir)
{
	struct blob_writer *w;
	char path[1024];
	enum err e;

	snprintf(path, sizeof path, "%s/video.mp4", dir);
	e = blob_import(
		blobs, path, 2 * blob_written(pic->video) + (1 << 20), &w, pic->sha256, &pic->size);
	if (e != ERR_OK)
		return e;
	blob_release(pic->video);
	pic->video = w;
	return ERR_OK;
}

static enum err keep(struct picture *pic, struct blobs *blobs, const char *dir)
{
	enum err e;

	pic->mime = pic->media.remuxed ? "video/mp4" : mime_of(blob_path(pic->video));
	pic->size = blob_written(pic->video);
	if (pic->media.remuxed)
		e = take_remuxed(pic, blobs, dir);
	else
		e = blob_seal(pic->video, pic->sha256);
	if (e != ERR_OK)
		return e;
	take_file(&pic->poster, blobs, dir, "poster.webp");
	take_file(&pic->sprite, blobs, dir, "sprite.webp");
	return ERR_OK;
}

void picture_make(struct picture *pic, struct blobs *blobs, const char *base, const char *program,
	int64_t time_ms)
{
	int64_t began = mono_us();
	char dir[600];

	pic->e = media_dir_make(base, dir, sizeof dir);
	if (pic->e != ERR_OK)
		return;
	pic->e = media_probe(program, blob_path(pic->video), dir, time_ms, &pic->media, pic->why);
	if (pic->e == ERR_OK)
		pic->e = keep(pic, blobs, dir);
	media_dir_remove(dir);
	pic->took_us = mono_us() - began;
}

enum err picture_commit(struct picture *pic)
{
	enum err e = blob_commit(pic->video, pic->sha256);

	if (e == ERR_OK && pic->poster.w)
		e = blob_commit(pic->poster.w, pic->poster.sha256);
	if (e == ERR_OK && pic->sprite.w)
		e = blob_commit(pic->sprite.w, pic->sprite.sha256);
	return e;
}

struct output picture_output(const struct picture *pic)
{
	return (struct output){.sha256 = pic->sha256,
		.mime = pic->mime,
		.size = pic->size,
		.width = pic->media.width,
		.height = pic->media.height,
		.duration_ms = pic->media.duration_ms,
		.fps = pic->media.fps,
		.poster = pic->poster.w ? pic->poster.sha256 : NULL,
		.poster_size = pic->poster.size,
		.sprite = pic->sprite.w ? pic->sprite.sha256 : NULL,
		.sprite_size = pic->sprite.size,
		.sprite_columns = pic->sprite.w ? pic->media.sprite_columns : 0,
		.sprite_rows = pic->sprite.w ? pic->media.sprite_rows : 0};
}

void picture_clear(struct picture *pic)
{
	blob_release(pic->video);
	blob_release(pic->poster.w);
	blob_release(pic->sprite.w);
	*pic = (struct picture){0};
}
