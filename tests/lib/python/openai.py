"""Stands in for the package openai, which Debian 12 does not have: the calls of it that the page writes, as it sends them."""

import json
import time
import types
import urllib.request


class Content:
    def __init__(self, data):
        self.data = data

    def write_to_file(self, file):
        with open(file, "wb") as out:
            out.write(self.data)


class Videos:
    def __init__(self, base_url, api_key):
        self.base_url = base_url
        self.headers = {"Authorization": f"Bearer {api_key}"}

    def ask(self, path, fields=None):
        body = None if fields is None else json.dumps(fields).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        request = urllib.request.Request(self.base_url + path, data=body, headers={**self.headers, **kind})
        with urllib.request.urlopen(request) as answer:
            return answer.read()

    def video(self, path, fields=None):
        return types.SimpleNamespace(**json.loads(self.ask(path, fields)))

    def create(self, *, prompt, model, seconds, size, extra_body=None):
        return self.video("/videos", {"prompt": prompt, "model": model, "seconds": seconds, "size": size, **(extra_body or {})})

    def remix(self, video_id, *, prompt, extra_body=None):
        return self.video(f"/videos/{video_id}/remix", {"prompt": prompt, **(extra_body or {})})

    def poll(self, video_id):
        while (video := self.video(f"/videos/{video_id}")).status in ("queued", "in_progress"):
            time.sleep(0.2)
        return video

    def create_and_poll(self, **wishes):
        return self.poll(self.create(**wishes).id)

    def download_content(self, video_id):
        return Content(self.ask(f"/videos/{video_id}/content"))


class OpenAI:
    def __init__(self, *, base_url, api_key):
        self.videos = Videos(base_url, api_key)
