package network

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// placed are services a, b, c … at positions.
func placed(positions ...int) []Service {
	var services []Service
	for i, p := range positions {
		services = append(services, Service{ID: string(rune('a' + i)), Position: p})
	}
	return services
}

func positions(services []Service) []int {
	all := []int{}
	for _, s := range services {
		all = append(all, s.Position)
	}
	return all
}

func TestAServiceThatIsAddedComesLast(t *testing.T) {
	for _, c := range []struct {
		have []int
		want int
	}{{nil, 0}, {[]int{0}, 1}, {[]int{0, 1, 2}, 3}, {[]int{2, 0}, 3}, {[]int{7}, 8}} {
		if got := nextPosition(placed(c.have...)); got != c.want {
			t.Errorf("after %v comes %d, not %d", c.have, got, c.want)
		}
	}
}

func TestServicesThatComeToAPositionThatNobodyCanSendCloseUp(t *testing.T) {
	for _, c := range []struct{ have, want []int }{
		{[]int{0, mostPosition}, []int{0, mostPosition}},
		{[]int{3, mostPosition, mostPosition + 1}, []int{0, 1, 2}},
		{nil, []int{}},
	} {
		services := placed(c.have...)
		closeUp(services)
		if got := positions(services); !slices.Equal(got, c.want) {
			t.Errorf("%v become %v, not %v", c.have, got, c.want)
		}
	}
}

func TestATakenPositionShiftsItsFollowersUpToTheFirstGap(t *testing.T) {
	for _, c := range []struct {
		name string
		have []int
		id   string
		to   int
		want []int
	}{
		{name: "a free one is taken as sent", have: []int{0, 1, 2}, id: "b", to: 9, want: []int{0, 9, 2}},
		{name: "its own changes nothing", have: []int{0, 1, 2}, id: "b", to: 1, want: []int{0, 1, 2}},
		{name: "the last goes to the front", have: []int{0, 1, 2, 3}, id: "d", to: 0, want: []int{1, 2, 3, 0}},
		{name: "what follows the gap it leaves stays", have: []int{0, 1, 2, 3}, id: "c", to: 0, want: []int{1, 2, 0, 3}},
		{name: "down the list those at the place and after it move", have: []int{0, 1, 2, 3}, id: "a", to: 2, want: []int{2, 1, 3, 4}},
		{name: "a gap ends the shift", have: []int{0, 1, 3, 4, 9}, id: "e", to: 0, want: []int{1, 2, 3, 4, 0}},
		{name: "a gap between is free", have: []int{0, 2}, id: "b", to: 1, want: []int{0, 1}},
	} {
		services := placed(c.have...)
		reposition(services, c.id, c.to)
		if got := positions(services); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, not %v", c.name, got, c.want)
		}
	}
}

func TestNoTwoServicesEverShareAPosition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		services := placed(rapid.SliceOfNDistinct(rapid.IntRange(0, 12), 1, 8, rapid.ID).Draw(t, "positions")...)
		before := slices.Clone(services)
		moved := rapid.SampledFrom(services).Draw(t, "service")
		to := rapid.IntRange(0, 14).Draw(t, "to")
		reposition(services, moved.ID, to)
		seen := map[int]bool{}
		for i, s := range services {
			if seen[s.Position] {
				t.Fatalf("%v", positions(services))
			}
			seen[s.Position] = true
			if s.ID == moved.ID {
				if s.Position != to {
					t.Fatalf("%s is at %d, not %d", s.ID, s.Position, to)
				}
			} else if shift := s.Position - before[i].Position; shift != 0 && shift != 1 {
				t.Fatalf("%s moved by %d", s.ID, shift)
			}
		}
		// Of the others none overtakes another one.
		for i, a := range services {
			for j, b := range services {
				if a.ID != moved.ID && b.ID != moved.ID && (before[i].Position < before[j].Position) != (a.Position < b.Position) {
					t.Fatalf("%v became %v", positions(before), positions(services))
				}
			}
		}
	})
}
