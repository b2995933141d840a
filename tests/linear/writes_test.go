package linear

import "slices"

// write does a write; where nothing is known of its instant but that it is later.
func (p project) write(in input) (project, int) {
	was := p.holder(len(p), in.slug)
	c := p.later("UPDATE", in.slug)
	if in.kind == create {
		c.change, c.slug, c.name, c.description = "CREATE", slugOf(in.name), in.name, in.description
		if p.holder(len(p), c.slug) >= 0 {
			return p, 409
		}
		return append(p[:len(p):len(p)], c), 200
	}
	if was < 0 {
		return p, 404
	}
	c.name, c.description, c.birth = p[was].name, p[was].description, p[was].birth
	status := 200
	switch in.kind {
	case updateIf:
		if p[was].lo != in.ifFrom || p[was].hi != in.ifFrom {
			return p, 412
		}
		c.description = in.description
	case update:
		c.description = in.description
	case rename:
		c.name = in.name
		if c.slug = slugOf(in.name); c.slug != in.slug {
			c.left = in.slug
			if p.holder(len(p), c.slug) >= 0 {
				return p, 409
			}
		}
	case remove:
		c.change, status = "DELETE", 204
	}
	if in.kind != remove && c.name == p[was].name && c.description == p[was].description {
		return p, status // nothing changes
	}
	return append(p[:len(p):len(p)], c), status
}

// wrote compares a write with its outcome; held is the commit that it shows.
func (p project) wrote(next project, status, held int, out output) []project {
	switch {
	case out.status == 0:
		return []project{next}
	case out.status != status:
		return nil
	case status == 204:
		return []project{next}
	case status != 200:
		return []project{p}
	case len(out.services) != 1:
		return nil
	}
	return next.shows(len(next), held, out.services[0], true)
}

// later is a commit of which is known only that it comes after all others.
func (p project) later(change, slug string) commit {
	return commit{lo: p[len(p)-1].lo + 1, hi: never, change: change, slug: slug, birth: len(p), origin: len(p)}
}

// upsert writes some services at one instant. In a history, which has the
// newest first, they stand in the order sent.
func (p project) upsert(in input, out output) []project {
	next := p[:len(p):len(p)]
	for _, name := range slices.Backward(in.names) {
		c := p.later("CREATE", slugOf(name))
		c.name, c.description, c.tie = name, in.description, len(next) > len(p)
		c.birth, c.origin = len(next), len(next)
		if was := p.holder(len(p), c.slug); was >= 0 {
			c.change, c.birth = "UPDATE", p[was].birth
			if p[was].name == name && p[was].description == in.description {
				continue
			}
		}
		next = append(next, c)
	}
	if out.status == 0 {
		return []project{next}
	}
	if out.status != 200 || len(out.services) != len(in.names) {
		return nil
	}
	all := []project{next}
	for i, name := range in.names {
		if all = all[0].shows(len(next), next.holder(len(next), slugOf(name)), out.services[i], true); len(all) == 0 {
			return nil
		}
	}
	return all
}

// restore makes a service again what a slug held after the first n commits.
func (p project) restore(n int, slug string) (next project, status, held int) {
	was := p.holder(n, slug)
	if was < 0 {
		return p, 404, -1
	}
	taken := p.holder(len(p), slug)
	c := p.later("CREATE", slug)
	c.name, c.description, c.origin = p[was].name, p[was].description, p.origin(was)
	now := p.living(p[was].birth)
	if now < 0 && taken >= 0 && p.origin(taken) == p.origin(was) {
		now = taken
	}
	if now >= 0 {
		if p[now].name == c.name && p[now].description == c.description {
			return p, 200, now
		}
		c.change, c.birth = "UPDATE", p[now].birth
		if p[now].slug != slug {
			c.left = p[now].slug
		} else {
			taken = -1
		}
	}
	if taken >= 0 {
		return p, 409, -1
	}
	return append(p[:len(p):len(p)], c), 200, len(p)
}

// origin is the birth of what the service of a commit was at first.
func (p project) origin(i int) int { return p[p[i].birth].origin }

// living is the commit that a service stands at, or -1 once it is deleted.
func (p project) living(birth int) int {
	for i := len(p) - 1; i > 0; i-- {
		if p[i].birth == birth && p[i].change == "DELETE" {
			return -1
		}
		if p[i].birth == birth {
			return i
		}
	}
	return -1
}
