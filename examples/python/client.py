# SPDX-License-Identifier: MIT
# Talks to `crew-server --listen raw://localhost:12345`, or to server.py; the port may be given.
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 12345
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
client.connect(("localhost", port))
client.send(b"Hello from client!")
print(client.recv(1024).decode())
client.close()
