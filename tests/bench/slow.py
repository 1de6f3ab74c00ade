#!/usr/bin/env python3
"""A model that answers after 200 ms; prints the port it is on."""
import asyncio
import re

EVENTS = [
    ("message_start", '{"type":"message_start","message":{"id":"msg_1",'
     '"type":"message","role":"assistant","model":"claude-sonnet-5-5",'
     '"content":[],"stop_reason":null,"usage":{"input_tokens":2000,'
     '"output_tokens":1}}}'),
    ("content_block_start", '{"type":"content_block_start","index":0,'
     '"content_block":{"type":"text","text":""}}'),
    ("content_block_delta", '{"type":"content_block_delta","index":0,'
     '"delta":{"type":"text_delta","text":"' + "x" * 500 + '"}}'),
    ("content_block_stop", '{"type":"content_block_stop","index":0}'),
    ("message_delta", '{"type":"message_delta","delta":{"stop_reason":'
     '"end_turn"},"usage":{"output_tokens":120}}'),
    ("message_stop", '{"type":"message_stop"}'),
]
ANSWER = "".join(f"event: {e}\ndata: {d}\n\n" for e, d in EVENTS).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" \
       b"Content-Length: %d\r\n\r\n" % len(ANSWER)


async def talk(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if length:
                await reader.readexactly(int(length[1]))
            await asyncio.sleep(0.2)
            writer.write(HEAD + ANSWER)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
