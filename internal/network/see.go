package network

// What has an id on a host, as clients see it, or nil: for the Guards of requests.

func seeInterface(id UUID) func(*Host) tagged {
	return func(h *Host) tagged {
		if i := h.networkInterface(string(id)); i != nil {
			return *i
		}
		return nil
	}
}

func seePort(id UUID) func(*Host) tagged {
	return func(h *Host) tagged {
		if p := h.port(string(id)); p != nil {
			return *p
		}
		return nil
	}
}

func seeService(id UUID) func(*Host) tagged {
	return func(h *Host) tagged {
		if s := h.service(string(id)); s != nil {
			return *s
		}
		return nil
	}
}

func seeBinding(id UUID) func(*Host) tagged {
	return func(h *Host) tagged {
		if _, b := h.binding(string(id)); b != nil {
			return *b
		}
		return nil
	}
}
