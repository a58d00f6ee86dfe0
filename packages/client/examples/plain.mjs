import { io } from "socket.io-client";

let position = "now"; // or what an earlier run kept: it can be stored anywhere
const socket = io(process.argv[2] ?? "http://127.0.0.1:3000/chat", { auth: (cb) => cb({ topics: ["#"], position }) });

socket.onAny((type, data, meta) => {
  if (type === "warren:gap") position = data.to;
  else if (type.startsWith("warren:")) position = data.position ?? position;
  else position = meta.position;
  process.stdout.write(`${JSON.stringify({ type, data, meta })}\n`);
});
const again = (afterMs) => setTimeout(() => socket.connect(), afterMs);
socket.on("connect_error", ({ data }) => data?.retryable && again(data.retryAfterMs ?? 1000));
socket.on("disconnect", (reason) => reason === "io server disconnect" && again(1000 * Math.random()));
