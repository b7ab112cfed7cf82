# SPDX-License-Identifier: MIT
# Greets one client: client.py, or `crew-client --server raw://localhost:12345 'Hello!'`.
import socket
import sys

port = int(sys.argv[1]) if len(sys.argv) > 1 else 12345
server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(("localhost", port))
server.listen(5)
connection, address = server.accept()
print(connection.recv(1024).decode())
connection.send(b"Hello from server!")
connection.close()
server.close()
