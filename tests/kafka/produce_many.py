"""One Produce request for several partitions of a topic, for writers that must keep a pace."""
import struct

from kafka import wire


def produce_many(connection, topic, batches):
    """Produce v3, acks=all, {partition: batch}; raises WireError for the first partition that was refused."""
    partitions = wire.array([wire.int32(partition) + wire.int32(len(batch)) + batch
                             for partition, batch in batches.items()])
    body = wire.string(None) + struct.pack(">hi", -1, wire.PRODUCE_TIMEOUT_MS)
    answer = connection.ask(0, 3, body + wire.array([wire.string(topic) + partitions]))

    def partition():
        number, code = answer.int32(), answer.int16()
        answer.int64()
        answer.int64()
        if code:
            raise wire.WireError("Produce %s-%d" % (topic, number), code)

    def of_topic():
        answer.string()
        answer.list(partition)

    answer.list(of_topic)
