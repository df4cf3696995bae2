"""Takes as many messages from a queue with pika, acknowledges one by one or many at once, stores none; messages a second."""
import json
import sys
import time
import pika

url, queue, count, mode = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
BATCH = 500
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
channel.basic_qos(prefetch_count=BATCH if mode == "one" else 2 * BATCH)
taken = 0
begin = 0.0


def receive(channel, method, properties, body):
    global taken, begin
    if taken == 0:
        begin = time.perf_counter()
    taken += 1
    if mode == "one":
        channel.basic_ack(method.delivery_tag)
    elif taken % BATCH == 0 or taken == count:
        channel.basic_ack(method.delivery_tag, multiple=True)
    if taken == count:
        channel.stop_consuming()


channel.basic_consume(queue, receive)
channel.start_consuming()
seconds = time.perf_counter() - begin
connection.close()
print(json.dumps({"rate": taken / seconds}))
