//go:build go1.24

package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// KIP-848, which franz-go keeps behind a key in its context.
func consumerProtocol() kgo.Opt {
	//lint:ignore SA1029 the key is franz-go's
	return kgo.WithContext(context.WithValue(context.Background(), "opt_in_kafka_next_gen_balancer_beta", true))
}
