package network

import (
	"errors"
	"sync"
)

// atATime is how many things are read together.
const atATime = 16

// inParallel calls read with each number below count, some at a time, and joins
// its errors.
func inParallel(count int, read func(i int) error) error {
	var (
		errs  = make([]error, count)
		slots = make(chan struct{}, atATime)
		wg    sync.WaitGroup
	)
	for i := range count {
		slots <- struct{}{}
		wg.Go(func() {
			errs[i] = read(i)
			<-slots
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
