// A member of a consumer group, with franz-go: prints each record as "TOPIC PARTITION OFFSET VALUE", and "% assigned",
// "% revoked" or "% lost" with the partitions, in the order in which they happened. SIGTERM: commits and leaves.
//
//	member BROKERS GROUP TOPIC CLIENT_ID STRATEGY SESSION_MS
//
// STRATEGY is range, roundrobin, sticky, cooperative-sticky, or consumer (KIP-848, where this franz-go has it).
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	lock sync.Mutex
	out  = bufio.NewWriter(os.Stdout)
)

func fail(what error) {
	fmt.Fprintln(os.Stderr, "franz:", what)
	os.Exit(1)
}

func tell(what string) func(context.Context, *kgo.Client, map[string][]int32) {
	return func(_ context.Context, _ *kgo.Client, changed map[string][]int32) {
		lock.Lock()
		defer lock.Unlock()
		fmt.Fprintf(out, "%% %s", what)
		for _, partitions := range changed {
			for _, partition := range partitions {
				fmt.Fprintf(out, " %d", partition)
			}
		}
		fmt.Fprintln(out)
		out.Flush()
	}
}

func revoked(ctx context.Context, client *kgo.Client, changed map[string][]int32) {
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "franz: commit:", err)
	}
	tell("revoked")(ctx, client, changed)
}

func balancer(strategy string) kgo.GroupBalancer {
	switch strategy {
	case "range":
		return kgo.RangeBalancer()
	case "roundrobin":
		return kgo.RoundRobinBalancer()
	case "sticky":
		return kgo.StickyBalancer()
	}
	return kgo.CooperativeStickyBalancer()
}

func main() {
	if len(os.Args) != 7 {
		fail(errors.New("usage: member BROKERS GROUP TOPIC CLIENT_ID STRATEGY SESSION_MS"))
	}
	session, err := strconv.Atoi(os.Args[6])
	if err != nil {
		fail(err)
	}
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(os.Args[1], ",")...),
		kgo.ConsumerGroup(os.Args[2]),
		kgo.ConsumeTopics(os.Args[3]),
		kgo.ClientID(os.Args[4]),
		kgo.Balancers(balancer(os.Args[5])),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		// As Java and librdkafka have it, so that pauses can be compared.
		kgo.FetchMaxWait(500 * time.Millisecond),
		kgo.AutoCommitInterval(time.Second),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(tell("assigned")),
		kgo.OnPartitionsRevoked(revoked),
		kgo.OnPartitionsLost(tell("lost")),
	}
	if os.Args[5] == "consumer" {
		options = append(options, consumerProtocol())
	} else {
		options = append(options, kgo.SessionTimeout(time.Duration(session)*time.Millisecond))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		fail(err)
	}
	for stopped.Err() == nil {
		fetches := client.PollFetches(stopped)
		lock.Lock()
		fetches.EachError(func(topic string, partition int32, err error) {
			if !errors.Is(err, context.Canceled) {
				fmt.Fprintf(os.Stderr, "franz: %s-%d: %v\n", topic, partition, err)
			}
		})
		fetches.EachRecord(func(record *kgo.Record) {
			fmt.Fprintf(out, "%s %d %d %s\n", record.Topic, record.Partition, record.Offset, record.Value)
		})
		out.Flush()
		lock.Unlock()
		client.AllowRebalance()
	}
	client.CloseAllowingRebalance()
}
