// The messages of protocol_bench with franz-go's kmsg. Reads the bodies from a directory, checks that it writes the same
// bytes, and prints the same lines.
//
//	kmsg DIRECTORY
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

type message interface {
	ReadFrom([]byte) error
	UnsafeReadFrom([]byte) error
	AppendTo([]byte) []byte
	SetVersion(int16)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "kmsg:", err)
		os.Exit(1)
	}
}

// CPU time of this process, all threads.
func cpuTime() time.Duration {
	var used syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// CPU time of one run; collecting garbage counts, as it does in a client.
func measure(name, who string, once func()) {
	for start := cpuTime(); cpuTime()-start < time.Second; {
		once()
	}
	const rounds = 31
	costs := make([]float64, 0, rounds)
	for round := 0; round < rounds; round++ {
		runs := 0
		start := cpuTime()
		for cpuTime()-start < 50*time.Millisecond {
			once()
			runs++
		}
		costs = append(costs, float64((cpuTime()-start).Nanoseconds())/float64(runs))
	}
	sort.Float64s(costs)
	fmt.Printf("case=%s who=%s ns=%.2f\n", name, who, costs[rounds/2])
}

func run(directory, name string, version int16, fresh func() message) {
	body, err := os.ReadFile(filepath.Join(directory, name))
	check(err)
	decoded := fresh()
	decoded.SetVersion(version)
	check(decoded.ReadFrom(body))
	if !bytes.Equal(decoded.AppendTo(nil), body) {
		check(fmt.Errorf("%s: written other than read", name))
	}
	measure(name+"_decode", "kmsg", func() {
		to := fresh()
		to.SetVersion(version)
		check(to.ReadFrom(body))
	})
	measure(name+"_decode", "kmsg_unsafe", func() {
		to := fresh()
		to.SetVersion(version)
		check(to.UnsafeReadFrom(body))
	})
	var buffer []byte
	measure(name+"_encode", "kmsg", func() { buffer = decoded.AppendTo(nil) })
	// Into a buffer that is there already, as its client does.
	measure(name+"_reencode", "kmsg", func() { buffer = decoded.AppendTo(buffer[:0]) })
}

func main() {
	if len(os.Args) != 2 {
		check(fmt.Errorf("usage: kmsg DIRECTORY"))
	}
	run(os.Args[1], "metadata", 12, func() message { return kmsg.NewPtrMetadataResponse() })
	run(os.Args[1], "offset_fetch", 8, func() message { return kmsg.NewPtrOffsetFetchResponse() })
	run(os.Args[1], "join_group", 9, func() message { return kmsg.NewPtrJoinGroupResponse() })
}
