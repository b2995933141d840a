package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc on Linux.
const tick = time.Second / 100

// cpu is the processor time that processes and all that descend from them have
// taken, the descendants that ended too.
func cpu(roots ...int) (total time.Duration, err error) {
	parents, own := map[int]int{}, map[int]time.Duration{}
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it ended meanwhile
		}
		// After the name, which may hold anything: state, parent, …
		_, rest, _ := strings.Cut(string(text)[strings.LastIndex(string(text), ")"):], " ")
		fields := strings.Fields(rest)
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		parents[pid], _ = strconv.Atoi(fields[1])
		for _, ticks := range fields[11:15] { // user and system, of itself and of those that it waited for
			n, err := strconv.Atoi(ticks)
			if err != nil {
				return 0, fmt.Errorf("%s: %w", file, err)
			}
			own[pid] += time.Duration(n) * tick
		}
	}
	for pid, time := range own {
		for ancestor := pid; ancestor > 1; ancestor = parents[ancestor] {
			if slices.Contains(roots, ancestor) {
				total += time
				break
			}
		}
	}
	return total, nil
}
