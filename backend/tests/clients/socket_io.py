"""The official Python client as shipped, against the server at BASE_URL whose accounts are the documented ones."""

import os
import queue
import sys

import requests
import socketio

BASE = os.environ["BASE_URL"]
PATIENCE = 10
TRANSPORTS = {
    "polling only": ["polling"],
    "websocket only": ["websocket"],
    "default upgrade": ["polling", "websocket"],
}


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

    def open(self, transports, **options):
        client = socketio.Client(**options)
        client.heard = queue.Queue()
        for name in ("joined", "left", "new_message", "receive_message", "status_changed", "error_message"):
            client.on(name, lambda data, name=name: client.heard.put((name, data)))
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies)
        client.connect(BASE, headers={"Cookie": cookies}, transports=transports, wait_timeout=PATIENCE)
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
    long = "长" * 9000
    answer = theirs.call("send_message", {"ticket_id": ticket, "content": long}, timeout=PATIENCE)
    assert answer["success"] and answer["message"]["content"] == long
    refused = ours.call("join", {"ticket_id": 987654}, timeout=PATIENCE)
    assert (refused["success"], refused["code"]) == (False, "ticket_not_found"), refused
    assert hear(ours, "error_message")["code"] == "ticket_not_found"
    ours.emit("leave", {"ticket_id": ticket})
    hear(ours, "left")
    ours.disconnect()
    theirs.disconnect()


def reconnect(customer, agent, transports):
    ticket = customer.post("/case/api/tickets", {"title": "断线", "type": "技术支持", "description": "正文"})["ticket_id"]
    client = customer.open(transports, reconnection_delay=0.1, reconnection_delay_max=0.2)
    assert client.call("join", {"ticket_id": ticket, "since": 0}, timeout=PATIENCE)["success"]
    agent.post(f"/case/api/tickets/{ticket}/messages", {"content": "断线之前"})
    seqs = [hear(client, "new_message")["seq"], hear(client, "status_changed")["seq"]]
    connected = queue.Queue()
    client.on("connect", lambda: connected.put(True))
    client.eio.disconnect(abort=True)
    agent.post(f"/case/api/tickets/{ticket}/messages", {"content": "断线之中"})
    connected.get(timeout=PATIENCE)
    assert client.call("join", {"ticket_id": ticket, "since": seqs[-1]}, timeout=PATIENCE)["success"]
    agent.post(f"/case/api/tickets/{ticket}/messages", {"content": "重连之后"})
    seqs += [hear(client, "new_message")["seq"], hear(client, "new_message")["seq"]]
    assert seqs == [1, 2, 3, 4], seqs
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


def main():
    customer = Somebody("/case/api/login", "customer", "customer123", "porcelain-2026")
    agent = Somebody("/case/api/admin/login", "admin", "admin123", "wave-Pattern-2026")
    for name, transports in TRANSPORTS.items():
        snippets(customer, agent, transports)
        reconnect(customer, agent, transports)
        strangers(transports)
        print(f"python-socketio, {name}: snippets, reconnect and refusal as expected", flush=True)


if __name__ == "__main__":
    sys.exit(main())
