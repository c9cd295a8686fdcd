"""Small servers on the loopback that speak each provider's event stream, well or badly."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType


def sse(data, name=None):
    """One event as bytes."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


class Completions:
    settings = MappingProxyType({"model": "openai:tiny", "api": "completions"})
    path = "/v1/completions"

    @staticmethod
    def text_of(body):
        return body["prompt"]

    @staticmethod
    def opening():
        return []

    @staticmethod
    def piece(text):
        return [
            sse({"object": "text_completion", "choices": [{"index": 0, "text": text, "finish_reason": None}]})
        ]

    @staticmethod
    def closing(reason="stop", usage=(10, 20)):
        counts = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
        return [
            sse({"choices": [{"index": 0, "text": "", "finish_reason": reason}]}),
            sse({"choices": [], "usage": counts}),
            sse("[DONE]"),
        ]

    @staticmethod
    def error(message):
        return [sse({"error": {"message": message, "type": "server_error"}})]


class Chat(Completions):
    settings = MappingProxyType({"model": "openai:tiny", "api": "chat"})
    path = "/v1/chat/completions"

    @staticmethod
    def text_of(body):
        return body["messages"][-1]["content"]

    @staticmethod
    def opening():
        return [sse({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})]

    @staticmethod
    def piece(text):
        return [sse({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})]

    @staticmethod
    def closing(reason="stop", usage=(10, 20)):
        _, *rest = Completions.closing(reason, usage)
        return [sse({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}), *rest]


class Responses:
    settings = MappingProxyType({"model": "openai:tiny", "api": "responses"})
    path = "/v1/responses"

    @staticmethod
    def text_of(body):
        return body["input"]

    @staticmethod
    def opening():
        data = {"type": "response.created", "response": {"status": "in_progress", "error": None}}
        return [sse(data, data["type"])]

    @staticmethod
    def piece(text):
        data = {"type": "response.output_text.delta", "delta": text, "item_id": "m", "logprobs": []}
        return [sse(data, data["type"])]

    @staticmethod
    def closing(reason="stop", usage=(10, 20)):
        whole = reason == "stop"
        kind = "response.completed" if whole else "response.incomplete"
        why = None if whole else {"reason": "max_output_tokens" if reason == "length" else "content_filter"}
        counts = {"input_tokens": usage[0], "output_tokens": usage[1]}
        response = {"status": kind.partition(".")[2], "incomplete_details": why, "usage": counts}
        return [sse({"type": kind, "response": response}, kind)]

    @staticmethod
    def error(message):
        return [sse({"type": "error", "code": "server_error", "message": message, "param": None}, "error")]


class Messages:
    settings = MappingProxyType({"model": "anthropic:tiny"})
    path = "/v1/messages"

    @staticmethod
    def text_of(body):
        return body["messages"][-1]["content"]

    @staticmethod
    def opening():
        start = {
            "id": "m",
            "role": "assistant",
            "content": [],
            "usage": {"input_tokens": 10, "output_tokens": 1},
        }
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        return [
            sse({"type": "message_start", "message": start}, "message_start"),
            sse(block, "content_block_start"),
            sse({"type": "ping"}, "ping"),
        ]

    @staticmethod
    def piece(text):
        data = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        return [sse(data, data["type"])]

    @staticmethod
    def closing(reason="stop", usage=(10, 20)):
        why = {"stop": "end_turn", "length": "max_tokens"}.get(reason, "refusal")
        delta = {"type": "message_delta", "delta": {"stop_reason": why}, "usage": {"output_tokens": usage[1]}}
        return [
            sse({"type": "content_block_stop", "index": 0}, "content_block_stop"),
            sse(delta, "message_delta"),
            sse({"type": "message_stop"}, "message_stop"),
        ]

    @staticmethod
    def error(message):
        data = {"type": "error", "error": {"type": "overloaded_error", "message": message}}
        return [sse(data, "error")]


SPEAKERS = {"completions": Completions, "chat": Chat, "responses": Responses, "anthropic": Messages}


class Asker:
    """One request, and how a play answers it."""

    def __init__(self, handler, body):
        self.path, self.headers, self.body = handler.path, dict(handler.headers), body
        self.hung_up = threading.Event()
        self._handler = handler
        self._begun = False

    def refuse(self, status, text, headers=()):
        body = text.encode()
        self._handler.send_response(status)
        for name, value in (("Content-Length", str(len(body))), *dict(headers).items()):
            self._handler.send_header(name, value)
        self._handler.end_headers()
        self._handler.wfile.write(body)

    def send(self, blocks, kind="text/event-stream"):
        """Parts of an event stream, each a chunk of its own."""
        if not self._begun:
            self._begun = True
            self._handler.send_response(200)
            self._handler.send_header("Content-Type", kind)
            self._handler.send_header("Transfer-Encoding", "chunked")
            self._handler.end_headers()
        for block in blocks:
            self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
            self._handler.wfile.flush()

    def finish(self):
        self._handler.wfile.write(b"0\r\n\r\n")

    def break_off(self):
        self._handler.close_connection = True


class SmallServer:
    """Answers the n-th request by the n-th play, a function of the Asker; the last one again and again."""

    def __init__(self, *plays):
        self.plays, self.asked = list(plays), []
        self.came = threading.Condition()
        self.stop = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asker = Asker(self, body)
                with outer.came:
                    outer.asked.append(asker)
                    play = outer.plays[min(len(outer.asked), len(outer.plays)) - 1]
                    outer.came.notify_all()
                try:
                    play(asker)
                except OSError:
                    self.close_connection = True
                    asker.hung_up.set()

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.root = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()

    def url(self, speaker):
        return (
            self.root
            + speaker.path.removesuffix("/v1/messages").partition("/v1/")[0]
            + ("" if speaker is Messages else "/v1")
        )

    def close(self):
        self.stop.set()
        self.http.shutdown()
        self.http.server_close()


@contextlib.contextmanager
def serving(*plays):
    server = SmallServer(*plays)
    try:
        yield server
    finally:
        server.close()


def answers(speaker, text, reason="stop", **more):
    """A play: the text, a few characters an event, and a good end."""

    def play(asker):
        asker.send(speaker.opening())
        for at in range(0, len(text), 7):
            asker.send(speaker.piece(text[at : at + 7]))
        asker.send(speaker.closing(reason, **more))
        asker.finish()

    return play


def breaks_off(speaker, text):
    """A play: the text, and then the connection is gone."""

    def play(asker):
        asker.send(speaker.opening())
        asker.send(speaker.piece(text))
        asker.break_off()

    return play


def refuses(status, text="", headers=()):
    return lambda asker: asker.refuse(status, text, headers)


def endless(speaker, words="word after word. ", until=None):
    """A play that never ends by itself."""

    def play(asker):
        asker.send(speaker.opening())
        while until is None or not until.is_set():
            asker.send(speaker.piece(words))

    return play
