"""Each fault: how it is caused on a real cluster, and from when on recovery is measured."""
import os
import re
import signal
import time
from pathlib import Path
from typing import Callable, NamedTuple

from kafka import admin, batches, wire
from tap import Skip, wait_until
from traffic import Traffic

FAKETIME = "/usr/lib/%s-linux-gnu/faketime/libfaketime.so.1" % os.uname().machine
MOVES, MOVE_PAUSE_S = 7, 0.7


class Fault(NamedTuple):
    name: str
    measured_from: str
    short: bool  # one of those that every run of the suite has
    cause: Callable


class Faults:
    def __init__(self):
        self.all = []

    def case(self, name, measured_from, short=False):
        def add(cause):
            self.all.append(Fault(name, measured_from, short, cause))
            return cause
        return add


FAULTS = Faults()


# ---- leaders --------------------------------------------------------------------------------------------------------

@FAULTS.case("a leader is killed", "the kill", short=True)
def leader_killed(world):
    with Traffic(world, "leader-killed") as traffic:
        number = traffic.leader()
        begin = traffic.fault()
        world.cluster.kill(number)
        recovery = traffic.recovered(begin)
        world.cluster.start_node(number)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("a leader is paused", "the pause", short=True)
def leader_paused(world):
    with Traffic(world, "leader-paused") as traffic:
        number = traffic.leader()
        begin = traffic.fault()
        world.cluster.pause(number)
        recovery = traffic.recovered(begin)
        world.cluster.resume(number)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("a leader is paused, and goes on as the leader", "its going on")
def leader_paused_briefly(world):
    with Traffic(world, "leader-paused-briefly") as traffic:
        number = traffic.leader()
        traffic.fault()
        for _ in range(4):
            world.cluster.pause(number)
            time.sleep(1.5)
            world.cluster.resume(number)
            begin = traffic.fault()
            time.sleep(1)
        recovery = traffic.recovered(begin)
        traffic.finish()
    return traffic, recovery


def move_leaders(world, topic, rounds):
    """Every partition's leadership goes on to the next node, so many times. When the last of it was seen."""
    address, numbers = world.cluster.addresses[0], sorted(world.cluster.nodes)
    seen = None
    for turn in range(1, rounds + 1):
        if seen:
            time.sleep(MOVE_PAUSE_S)
        partitions = sorted(admin.leaders([address], topic))
        order = {partition: [numbers[(partition + turn + place) % len(numbers)] for place in range(len(numbers))]
                 for partition in partitions}
        admin.order_replicas(address, topic, order)
        admin.elect(address, topic, partitions)
        moved = {partition: nodes[0] for partition, nodes in order.items()}
        wait_until(lambda: admin.leaders([address], topic) == moved, "leaders have moved", 30, 0.01)
        seen = time.monotonic()
    return seen


@FAULTS.case("leaders move back and forth", "the last move")
def leaders_moved(world):
    with Traffic(world, "leaders-moved") as traffic:
        traffic.fault()
        begin = move_leaders(world, traffic.topic, MOVES)
        recovery = traffic.recovered(begin)
        traffic.finish()
    return traffic, recovery


# ---- coordinators ---------------------------------------------------------------------------------------------------

@FAULTS.case("the coordinator is killed", "the kill; until commits go on")
def coordinator_killed(world):
    with Traffic(world, "coordinator-killed", members=2) as traffic:
        number = traffic.coordinator()
        begin = traffic.fault()
        world.cluster.kill(number)
        recovery = traffic.recovered(begin, commits=True)
        world.cluster.start_node(number)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("the coordinator is paused", "the pause; until commits go on")
def coordinator_paused(world):
    with Traffic(world, "coordinator-paused", members=2) as traffic:
        number = traffic.coordinator()
        begin = traffic.fault()
        world.cluster.pause(number)
        recovery = traffic.recovered(begin, commits=True)
        world.cluster.resume(number)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("the coordinator moves back and forth", "the last move; until commits go on")
def coordinator_moved(world):
    with Traffic(world, "coordinator-moved", members=2) as traffic:
        traffic.fault()
        begin = move_leaders(world, "__consumer_offsets", MOVES)
        recovery = traffic.recovered(begin, commits=True)
        traffic.finish()
    return traffic, recovery


# ---- the whole cluster ----------------------------------------------------------------------------------------------

@FAULTS.case("the cluster is down, and comes back at other ports", "the start of its nodes", short=True)
def cluster_at_other_ports(world):
    with Traffic(world, "other-ports", bootstrap=world.door.address) as traffic:
        traffic.fault()
        for number in world.cluster.nodes:
            world.cluster.kill(number)
        for number in world.cluster.nodes:
            world.cluster.move(number)
        world.point_proxies()
        time.sleep(world.down_s)
        begin = traffic.fault()
        for number in world.cluster.nodes:
            world.cluster.start_node(number, wait=False)
        world.cluster.wait_ready(world.patience_s)
        recovery = traffic.recovered(begin, commits=True)
        traffic.finish()
    return traffic, recovery


# ---- logs -----------------------------------------------------------------------------------------------------------

@FAULTS.case("an unclean election truncates a log", "the election")
def unclean_election(world):
    old, behind, other = sorted(world.cluster.nodes)
    del other  # it keeps the quorum of controllers, and has no replica
    configs = {"min.insync.replicas": "1", "unclean.leader.election.enable": "true"}
    with Traffic(world, "unclean", assignment={0: [old, behind]}, configs=configs) as traffic:
        traffic.fault()
        world.cluster.kill(behind)
        alone = time.monotonic()
        # Acknowledged by the leader alone, once the other replica is out of sync.
        traffic.recovered(alone)
        traffic.recovered(time.monotonic() + 1)
        traffic.writer.pause(world.patience_s)
        traffic.wait(traffic.caught_up, "all of the log is read before its leader is lost")
        world.cluster.kill(old)
        world.cluster.start_node(behind)

        def elected():
            try:
                admin.elect(world.cluster.addresses[0], traffic.topic, [0], admin.UNCLEAN)
            except (OSError, wire.WireError):
                return False
            return traffic.leader() == behind

        wait_until(elected, "the replica that is behind becomes the leader", world.patience_s)
        begin = traffic.fault()
        traffic.writer.go_on()
        recovery = traffic.recovered(begin)
        world.cluster.start_node(old)
        traffic.writer.pause(world.patience_s)  # kcat goes on as long as there is something new
        written = set(world.log_numbers(traffic.topic, 0))
        traffic.lost[0] = {number for number in range(traffic.writer.first_sent_since(0, begin).number)
                           if number not in written}
        world.tap.check(traffic.lost[0], "the election lost nothing: the fault showed nothing")
        traffic.finish()
        world.tap.check(traffic.events("truncated"), "no event says that the log was cut")
    return traffic, recovery


def delete_and_create(world, traffic):
    traffic.fault()
    admin.delete_topic(world.cluster.addresses[0], traffic.topic)
    time.sleep(2)
    begin = traffic.fault()
    world.cluster.create_topic(traffic.topic, traffic.partitions, 3)
    traffic.writer.go_on()
    return traffic.recovered(begin, commits=True)


@FAULTS.case("a topic is deleted and created again", "the creation", short=True)
def topic_recreated(world):
    with Traffic(world, "recreated") as traffic:
        traffic.writer.pause(world.patience_s)
        traffic.wait(traffic.caught_up, "everything is read before the topic goes")
        ends = wire.log_ends(world.cluster.addresses, traffic.topic)
        traffic.wait(lambda: traffic.committed() == ends, "everything is committed before the topic goes")
        recovery = delete_and_create(world, traffic)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("a topic is deleted with positions not yet committed, and created again", "the creation")
def topic_recreated_uncommitted(world):
    # The commit that is due must not be carried out on the new topic.
    with Traffic(world, "recreated-uncommitted", options=["auto.commit.interval.ms=300"]) as traffic:
        # Whether a commit is due when the topic goes, and again before the new one is noticed, is chance.
        for _ in range(5):
            traffic.writer.pause(world.patience_s)
            traffic.wait(traffic.caught_up, "everything is read before the topic goes")
            recovery = delete_and_create(world, traffic)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("retention passes the position", "the reader's waking")
def retention(world):
    with Traffic(world, "retention") as traffic:
        reader = traffic.readers[0]
        traffic.fault()
        reader.pause()
        time.sleep(4)
        ends = wire.log_ends(world.cluster.addresses, traffic.topic)
        for partition, leader in admin.leaders(world.cluster.addresses, traffic.topic).items():
            admin.delete_records(world.cluster.nodes[leader].address, traffic.topic, {partition: ends[partition]})
        time.sleep(1)
        for partition in traffic.writer.partitions:
            read = traffic.arrivals.printed[reader.name][partition][-1][0]
            # What was on its way to the reader when it was stopped still comes.
            traffic.lost[partition] = traffic.writer.numbers_of(partition, read + 1, ends[partition] - 1)
            traffic.gone[partition] = set(range(read + 1, ends[partition]))
        begin = traffic.fault()
        reader.resume()
        recovery = traffic.recovered(begin, commits=True)
        traffic.finish()
        world.tap.check(traffic.events("offset_reset"), "no event says that the position was lost")
        for partition, numbers in traffic.lost.items():
            numbers -= traffic.arrivals.first[partition].keys()
        world.tap.check(any(traffic.lost.values()), "retention took nothing unread: the fault showed nothing")
    return traffic, recovery


@FAULTS.case("a follower that is read from stops, then lags", "its pause")
def follower_lags(world):
    leader, second, follower = sorted(world.cluster.nodes)
    assignment = {0: [leader, second, follower], 1: [second, leader, follower]}
    with Traffic(world, "follower", assignment=assignment, bootstrap=world.proxied_bootstrap,
                 options=["client.rack=rack-%d" % follower], before=world.with_names) as traffic:
        proxies = world.proxies
        before = {number: proxy.answered_bytes for number, proxy in proxies.items()}
        time.sleep(5)
        read = {number: proxy.answered_bytes - before[number] for number, proxy in proxies.items()}
        world.tap.note("answered bytes in 5 s by node: %s" % read)
        world.tap.check(read[follower] > read[leader] + read[second],
                        "the follower was not read from: the fault showed nothing")
        begin = traffic.fault()
        world.cluster.pause(follower)
        recovery = traffic.recovered(begin)
        time.sleep(3)
        world.cluster.resume(follower)
        traffic.recovered(time.monotonic() + 2)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("a broker has a corrupt batch: its partition stops, others go on",
             "the reader's start; the other partition")
def corrupt_batch_stops(world):
    bad, good = sorted(world.cluster.nodes)[:2]
    configs = {"min.insync.replicas": "1"}
    with Traffic(world, "corrupt", assignment={0: [bad], 1: [good]}, configs=configs, reading=False) as traffic:
        first, last = damage_a_batch(world, traffic, bad)
        begin = traffic.fault()
        runner = traffic.add_runner()
        recovery = traffic.recovered(begin, [1])
        traffic.wait(lambda: runner.events("partition_stopped"), "the partition stops")
        said = runner.events("partition_stopped")[0]
        world.tap.note(said)
        world.tap.check(str(first) in re.findall(r"\d+", said), "offset %d is not named: %s" % (first, said))
        traffic.wait(lambda: traffic.committed().get(0) == first, "all before the batch is committed")
        again = time.monotonic()
        traffic.recovered(again, [1])
        world.tap.equal(runner.end(60), 0, "exit code of run")
        offsets = [line[0] for line in traffic.arrivals.printed[runner.name][0]]
        world.tap.equal(offsets, list(range(first)), "offsets delivered of the damaged partition")
        traffic.readers.clear()
        traffic.writer.stop(world.patience_s)
        traffic.lost[0] = traffic.writer.numbers_of(0, first, 1 << 60)
        traffic.lost[1] = set(range(traffic.arrivals.count(1), traffic.writer.acknowledged(1)))
        traffic.check_order()
    return traffic, recovery


@FAULTS.case("a broker has a corrupt batch: it is skipped where that is asked for", "the reader's start")
def corrupt_batch_skipped(world):
    bad, good = sorted(world.cluster.nodes)[:2]
    configs = {"min.insync.replicas": "1"}
    with Traffic(world, "corrupt-skipped", assignment={0: [bad], 1: [good]}, configs=configs, reading=False) as traffic:
        first, last = damage_a_batch(world, traffic, bad)
        traffic.lost[0] = traffic.writer.numbers_of(0, first, last)
        traffic.gone[0] = set(range(first, last + 1))
        begin = traffic.fault()
        reader = traffic.add_reader("unreadable.batch=skip")
        recovery = traffic.recovered(begin, commits=True)
        traffic.finish()
        world.tap.note(reader.events("batch_skipped")[0] if reader.events("batch_skipped") else "no batch_skipped")
        world.tap.equal(len(reader.events("batch_skipped")), 1, "batches skipped")
        world.tap.equal(traffic.arrivals.first[0].keys() & traffic.lost[0], set(), "damaged records delivered")
    return traffic, recovery


def damage_a_batch(world, traffic, number):
    """Stops the node, flips a bit in the middle of its log of partition 0, and starts it again. The damaged batch's
    first and last offset."""
    traffic.wait(lambda: all(traffic.writer.acknowledged(partition) > 60 for partition in traffic.writer.partitions),
                 "something is written")
    node = world.cluster.nodes[number]
    # In order: after a crash the broker would check its log, and cut it off at the damage.
    node.process.send_signal(signal.SIGTERM)
    node.process.wait(world.patience_s)
    path = node.home / "data" / (traffic.topic + "-0") / "00000000000000000000.log"
    segment = bytearray(path.read_bytes())
    found = batches.batches_of(segment)
    at, first, last, size = found[len(found) // 2]
    segment[at + size - 3] ^= 0x04
    path.write_bytes(segment)
    world.cluster.start_node(number)
    world.tap.note("damaged: offsets %d to %d of %d batches" % (first, last, len(found)))
    return first, last


# ---- the network ----------------------------------------------------------------------------------------------------

def through_proxies(world, name):
    return Traffic(world, name, bootstrap=world.proxied_bootstrap, before=world.with_names)


@FAULTS.case("connections are reset again and again", "the last reset")
def connections_reset(world):
    with through_proxies(world, "resets") as traffic:
        traffic.fault()
        for _ in range(20):
            time.sleep(0.5)
            for proxy in world.proxies.values():
                proxy.cut()
        begin = traffic.fault()
        recovery = traffic.recovered(begin, commits=True)
        world.tap.note("%d connections reset" % sum(proxy.cuts for proxy in world.proxies.values()))
        traffic.finish()
    return traffic, recovery


@FAULTS.case("answers break off after a random number of bytes", "the last of them")
def answers_torn(world):
    with through_proxies(world, "torn") as traffic:
        traffic.fault()
        cuts = sum(proxy.cuts for proxy in world.proxies.values())
        for proxy in world.proxies.values():
            proxy.torn_after_bytes = (1, 3000)
            proxy.cut()
        time.sleep(20)
        for proxy in world.proxies.values():
            proxy.torn_after_bytes = None
            proxy.cut()
        begin = traffic.fault()
        world.tap.note("%d connections cut" % (sum(proxy.cuts for proxy in world.proxies.values()) - cuts))
        recovery = traffic.recovered(begin, commits=True)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("nothing passes for a while", "the first byte that passes again")
def network_holds(world):
    with through_proxies(world, "held") as traffic:
        traffic.fault()
        for proxy in world.proxies.values():
            proxy.hold()
        time.sleep(world.held_s)
        begin = traffic.fault()
        for proxy in world.proxies.values():
            proxy.release()
        recovery = traffic.recovered(begin, commits=True)
        traffic.finish()
    return traffic, recovery


@FAULTS.case("nothing passes to one broker", "the first byte that passes again")
def network_holds_one(world):
    with through_proxies(world, "held-one") as traffic:
        proxy = world.proxies[traffic.leader()]
        begin = traffic.fault()
        proxy.hold()
        time.sleep(world.held_s)
        world.tap.note("all partitions that others lead went on: %s" % others_went_on(traffic, begin))
        begin = traffic.fault()
        proxy.release()
        recovery = traffic.recovered(begin, commits=True)
        traffic.finish()
    return traffic, recovery


def others_went_on(traffic, begin):
    leaders = admin.leaders(traffic.cluster.addresses, traffic.topic)
    others = [partition for partition, leader in leaders.items() if leader != leaders[0]]
    firsts = {partition: traffic.writer.first_sent_since(partition, begin) for partition in others}
    return all(write and traffic.arrivals.arrived_at(partition, write.number) for partition, write in firsts.items())


@FAULTS.case("the names of all brokers lead elsewhere", "the change")
def names_change(world):
    if not world.with_names:
        raise Skip("no private /etc/hosts to be had here (unshare -m)")
    with through_proxies(world, "names") as traffic:
        for proxy in world.proxies.values():
            proxy.deaf()
        begin = traffic.fault()
        world.move_names("127.0.0.2")
        recovery = traffic.recovered(begin, commits=True)
        traffic.finish()
    return traffic, recovery


# ---- clocks ---------------------------------------------------------------------------------------------------------

@FAULTS.case("the reader's clock jumps", "the last jump")
def clock_jumps(world):
    if not Path(FAKETIME).exists():
        raise Skip("libfaketime is not installed (apt-get install faketime)")
    clock = world.directory / "clock"
    clock.write_text("+0\n", encoding="ascii")
    environment = dict(os.environ, LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_NO_CACHE="1",
                       DONT_FAKE_MONOTONIC="1", FAKETIME_DONT_FAKE_MONOTONIC="1")
    with Traffic(world, "clock", environment=environment) as traffic:
        for jump in ("+3600", "-7200", "+864000", "-864000", "+0"):
            clock.write_text(jump + "\n", encoding="ascii")
            begin = traffic.fault()
            recovery = traffic.recovered(begin, commits=True)
            time.sleep(1)
        traffic.finish()
    return traffic, recovery
