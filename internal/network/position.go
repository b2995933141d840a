package network

// mostPosition is the greatest that a client can send, so that whatever is shown
// can be sent back.
const mostPosition = 1_000_000

// closeUp counts a host's services from 0, in their order, where one has come to
// a position that no client can send.
func closeUp(services []Service) {
	if len(services) == 0 || services[len(services)-1].Position <= mostPosition {
		return
	}
	for i := range services {
		services[i].Position = i
	}
}

// nextPosition is that of a service that is added to others: after the last.
func nextPosition(services []Service) int {
	next := 0
	for _, s := range services {
		next = max(next, s.Position+1)
	}
	return next
}

// reposition gives one of a host's services a position. Where another one has
// it, that one and those right after it make room, up to the first gap; the one
// that is placed leaves a gap where it was.
func reposition(services []Service, id string, position int) {
	others := map[int]*Service{}
	for i := range services {
		if s := &services[i]; s.ID == id {
			s.Position = position
		} else {
			others[s.Position] = s
		}
	}
	for at := position; others[at] != nil; at++ {
		others[at].Position = at + 1
	}
}
