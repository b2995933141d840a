package store

import "context"

type preparingKey struct{}

// Preparing returns a context for transactions that prepare one to come and
// have no effect before it. Who adds ops to the transaction that does what was
// asked for leaves those alone.
func Preparing(ctx context.Context) context.Context {
	return context.WithValue(ctx, preparingKey{}, true)
}

// IsPreparing tells whether the transaction of ctx prepares another one.
func IsPreparing(ctx context.Context) bool { return ctx.Value(preparingKey{}) != nil }
