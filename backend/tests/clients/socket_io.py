"""The official Python client as shipped, against the server at BASE_URL whose accounts are the documented ones."""

import os
import queue
import socket
import sys
import threading

import requests
import socketio

BASE = os.environ["BASE_URL"]
# Longer than this client itself waits for its own threads after a cut.
PATIENCE = 45
TRANSPORTS = {
    "polling only": ["polling"],
    "websocket only": ["websocket"],
    "default upgrade": ["polling", "websocket"],
}
# The longest messages there are: 65,536 characters, in bytes 64 KiB and three times that.
LONGEST = ["x" * 65536, "长" * 65535 + "😀"]


class Line:
    """A line to the server that can be cut and mended."""

    def __init__(self):
        self.ends = []
        self.whole = True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        host, port = BASE.removeprefix("http://").split(":")
        while True:
            near, _ = self.listener.accept()
            if not self.whole:
                near.close()
                continue
            far = socket.create_connection((host, int(port)))
            self.ends += [near, far]
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, target), daemon=True).start()

    def carry(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.whole = False
        ends, self.ends = self.ends, []
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Somebody:
    """Somebody who calls the API and may open sockets with the same session."""

    def __init__(self, door, username, password, new_password):
        self.http = requests.Session()
        self.post(door, {"username": username, "password": password})
        self.post("/case/api/me/password", {"current_password": password, "new_password": new_password})

    def post(self, path, data):
        answer = self.http.post(BASE + path, json=data, timeout=PATIENCE)
        assert answer.ok, answer.text
        return answer.json()

    def open(self, transports, address=BASE, **options):
        client = socketio.Client(**options)
        client.heard = queue.Queue()
        for name in ("joined", "left", "new_message", "receive_message", "status_changed", "error_message"):
            client.on(name, lambda data, name=name: client.heard.put((name, data)))
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies)
        # Made anew for each connection: the client takes the cookie out of what it was given.
        client.connect(address, headers=lambda: {"Cookie": cookies}, transports=transports, wait_timeout=PATIENCE)
        return client


def hear(client, wanted):
    """The next event of that name."""
    while True:
        name, data = client.heard.get(timeout=PATIENCE)
        if name == wanted:
            return data


def snippets(customer, agent, transports):
    ticket = customer.post("/case/api/tickets", {"title": "套接字", "type": "技术支持", "description": "正文"})["ticket_id"]
    ours, theirs = customer.open(transports), agent.open(transports)
    ours.emit("join", {"ticket_id": ticket})
    assert hear(ours, "joined")["message"] == f"已加入工单 #{ticket}"
    assert theirs.call("join", {"ticket_id": ticket}, timeout=PATIENCE)["success"]
    theirs.emit("send_message", {"ticket_id": ticket, "content": "请帮我看一下这个问题 😀"})
    message = hear(ours, "receive_message")
    assert (message["ticket_id"], message["content"], message["seq"]) == (ticket, "请帮我看一下这个问题 😀", 1), message
    for text in LONGEST:
        answer = theirs.call("send_message", {"ticket_id": ticket, "content": text}, timeout=PATIENCE)
        assert answer["success"], answer
        assert answer["message"]["content"] == text, "not the same text in the answer"
        assert hear(ours, "receive_message")["content"] == text, "not the same text in the event"
    refused = ours.call("join", {"ticket_id": 987654}, timeout=PATIENCE)
    assert (refused["success"], refused["code"]) == (False, "ticket_not_found"), refused
    assert hear(ours, "error_message")["code"] == "ticket_not_found"
    ours.emit("leave", {"ticket_id": ticket})
    hear(ours, "left")
    ours.disconnect()
    theirs.disconnect()


def reconnect(customer, agent, transports):
    ticket = customer.post("/case/api/tickets", {"title": "断线", "type": "技术支持", "description": "正文"})["ticket_id"]
    line = Line()
    # This client names the address it was given as its origin, and the line's is a foreign one to the server.
    foreign = {"suppress_origin": True}
    client = customer.open(
        transports,
        line.address,
        websocket_extra_options=foreign,
        reconnection_delay=0.1,
        reconnection_delay_max=0.2,
    )
    assert client.call("join", {"ticket_id": ticket, "since": 0}, timeout=PATIENCE)["success"]
    agent.post(f"/case/api/tickets/{ticket}/messages", {"content": "断线之前"})
    seqs = [hear(client, "new_message")["seq"], hear(client, "status_changed")["seq"]]
    connected = queue.Queue()
    client.on("connect", lambda: connected.put(True))
    gone = queue.Queue()
    client.on("disconnect", lambda *reason: gone.put(reason))
    line.cut()
    gone.get(timeout=PATIENCE)
    agent.post(f"/case/api/tickets/{ticket}/messages", {"content": "断线之中"})
    line.whole = True
    connected.get(timeout=PATIENCE)
    assert client.call("join", {"ticket_id": ticket, "since": seqs[-1]}, timeout=PATIENCE)["success"]
    agent.post(f"/case/api/tickets/{ticket}/messages", {"content": "重连之后"})
    seqs += [hear(client, "new_message")["seq"], hear(client, "new_message")["seq"]]
    assert seqs == [1, 2, 3, 4], seqs
    client.disconnect()


def heartbeat(customer, transports):
    client = customer.open(transports, reconnection=False)
    gone = queue.Queue()
    client.on("disconnect", lambda *reason: gone.put(reason))
    try:
        # Longer than the server waits for an answer to its pings.
        raise AssertionError(f"let go in spite of its answers: {gone.get(timeout=7)}")
    except queue.Empty:
        pass
    assert client.call("ping", {}, timeout=PATIENCE)["success"]
    client.disconnect()


def strangers(transports):
    client = socketio.Client(reconnection=False)
    errors = queue.Queue()
    client.on("connect_error", errors.put)
    try:
        client.connect(BASE, transports=transports, wait_timeout=PATIENCE)
    except socketio.exceptions.ConnectionError:
        assert errors.get(timeout=PATIENCE)["data"] == {"code": "unauthenticated"}
        return
    raise AssertionError("somebody without a session was let in")


def oversize(customer, transports):
    client = customer.open(transports, reconnection=False)
    gone = queue.Queue()
    client.on("disconnect", lambda *reason: gone.put(reason))
    client.emit("send_message", {"ticket_id": 1, "content": "x" * 700 * 1024})
    gone.get(timeout=PATIENCE)
    # The connection has ended, not the server.
    after = customer.open(transports)
    refused = after.call("send_message", {"ticket_id": 1, "content": "x" * 65537}, timeout=PATIENCE)
    assert (refused["success"], refused["code"]) == (False, "validation_failed"), refused
    after.disconnect()


def main():
    customer = Somebody("/case/api/login", "customer", "customer123", "porcelain-2026")
    agent = Somebody("/case/api/admin/login", "admin", "admin123", "wave-Pattern-2026")
    for name, transports in TRANSPORTS.items():
        snippets(customer, agent, transports)
        reconnect(customer, agent, transports)
        heartbeat(customer, transports)
        oversize(customer, transports)
        strangers(transports)
        print(f"python-socketio, {name}: snippets, reconnect, heartbeat and refusals as expected", flush=True)


if __name__ == "__main__":
    sys.exit(main())
