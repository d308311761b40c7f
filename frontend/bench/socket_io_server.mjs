// The fan-out of the npm `socket.io` server, rooms without a database: what `cargo xtask bench live` stands ours beside.

import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer((_, response) => response.end("ok"));
const io = new Server(http, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket) => {
  socket.on("join", ({ ticket_id }) => {
    socket.join(`ticket_${ticket_id}`);
    socket.emit("joined", { message: `已加入工单 #${ticket_id}`, ticket_id });
  });
  socket.on("send_message", ({ ticket_id, content }) => {
    io.to(`ticket_${ticket_id}`).emit("new_message", {
      id: 1,
      ticket_id,
      sender_name: "系统管理员",
      sender_type: "admin",
      content,
      created_at: "2026-02-06 10:05:00",
    });
  });
});

http.listen(0, "127.0.0.1", 4096, () => {
  console.log(JSON.stringify({ address: `127.0.0.1:${http.address().port}` }));
});
// Whoever started it holds its input open, and ends it by closing that.
process.stdin.on("end", () => process.exit(0)).resume();
