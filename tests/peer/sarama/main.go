// A member of a consumer group, with sarama: prints each record as "TOPIC PARTITION OFFSET VALUE", and "% assigned" or
// "% revoked" with the partitions, in the order in which they happened. SIGTERM: commits and leaves.
//
//	sarama BROKERS GROUP TOPIC CLIENT_ID STRATEGY SESSION_MS
//
// STRATEGY is range, roundrobin or sticky.
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

	"github.com/IBM/sarama"
)

func fail(what error) {
	fmt.Fprintln(os.Stderr, "sarama:", what)
	os.Exit(1)
}

type member struct {
	lock sync.Mutex
	out  *bufio.Writer
}

func (m *member) tell(what string, session sarama.ConsumerGroupSession) {
	m.lock.Lock()
	defer m.lock.Unlock()
	fmt.Fprintf(m.out, "%% %s", what)
	for _, partitions := range session.Claims() {
		for _, partition := range partitions {
			fmt.Fprintf(m.out, " %d", partition)
		}
	}
	fmt.Fprintln(m.out)
	m.out.Flush()
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	m.tell("assigned", session)
	return nil
}

func (m *member) Cleanup(session sarama.ConsumerGroupSession) error {
	m.tell("revoked", session)
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			m.lock.Lock()
			fmt.Fprintf(m.out, "%s %d %d %s\n", message.Topic, message.Partition, message.Offset, message.Value)
			m.out.Flush()
			m.lock.Unlock()
			session.MarkMessage(message, "")
		case <-session.Context().Done():
			return nil
		}
	}
}

func main() {
	if len(os.Args) != 7 {
		fail(errors.New("usage: sarama BROKERS GROUP TOPIC CLIENT_ID STRATEGY SESSION_MS"))
	}
	session, err := strconv.Atoi(os.Args[6])
	if err != nil {
		fail(err)
	}
	strategies := map[string]sarama.BalanceStrategy{
		"range":      sarama.NewBalanceStrategyRange(),
		"roundrobin": sarama.NewBalanceStrategyRoundRobin(),
		"sticky":     sarama.NewBalanceStrategySticky(),
	}
	strategy, known := strategies[os.Args[5]]
	if !known {
		fail(fmt.Errorf("no strategy %q", os.Args[5]))
	}
	config := sarama.NewConfig()
	config.ClientID = os.Args[4]
	config.Version = sarama.V3_0_0_0
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Group.Session.Timeout = time.Duration(session) * time.Millisecond
	config.Consumer.Group.Heartbeat.Interval = time.Duration(session) * time.Millisecond / 4
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{strategy}
	group, err := sarama.NewConsumerGroup(strings.Split(os.Args[1], ","), os.Args[2], config)
	if err != nil {
		fail(err)
	}
	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	handler := &member{out: bufio.NewWriter(os.Stdout)}
	for stopped.Err() == nil {
		if err := group.Consume(stopped, []string{os.Args[3]}, handler); err != nil && stopped.Err() == nil {
			fmt.Fprintln(os.Stderr, "sarama:", err)
			time.Sleep(time.Second)
		}
	}
	if err := group.Close(); err != nil {
		fail(err)
	}
}
