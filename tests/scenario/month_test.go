package scenario

import (
	"fmt"
	"runtime"
	"testing"
)

func TestAMonthOfATeam(t *testing.T) {
	s := begin(t, "ana", "ben")

	// Monday. Ana writes down what her shop runs on.
	s.on("2 Mar 09:00").by("ana").starts("Web shop")
	s.on("2 Mar 09:10").adds("Orders", "checkout", "reads payment.settled; writes order.created, order.shipped")
	s.on("2 Mar 09:20").adds("Billing", "money", "reads order.created; writes payment.settled")
	s.on("2 Mar 09:30").adds("Mailer", "growth", "reads order.created, order.shipped")
	s.on("2 Mar 09:40").sees("billing mailer orders")
	s.saw("2 Mar 09:15", "orders")
	s.saw("1 Mar 12:00", "")
	s.draws("orders", "2 Mar 09:40", "Billing Mailer Orders order.created order.shipped payment.settled")

	// On Tuesday they call Billing by what it does. Its old address leads to the
	// new one, and what was there before is there still.
	s.on("3 Mar 11:00").by("ben").renames("billing", "Payments")
	s.on("3 Mar 11:05").sees("mailer orders payments")
	s.misses("billing", "payments")
	s.found("billing", "3 Mar 10:59", "Billing of money; reads order.created; writes payment.settled")
	s.missed("payments", "3 Mar 10:59")
	s.explains("Billing of money; reads order.created; writes payment.settled → " +
		"Payments of money; reads order.created; writes payment.settled")

	// A week later Orders has grown too large. Shipping leaves it, both at one
	// instant: nobody ever sees the topic written twice, or by nobody.
	s.on("10 Mar 14:00").by("ana").together(
		"Orders of checkout; reads payment.settled; writes order.created",
		"Shipping of logistics; reads order.created; writes order.shipped",
	)
	s.on("10 Mar 14:01").sees("mailer orders payments shipping")
	s.produced("order.shipped", "10 Mar 13:59", "service--orders")
	s.produced("order.shipped", "10 Mar 14:00", "service--shipping")

	// Both hand Shipping on at the same time; who comes second is told so.
	s.on("11 Mar 10:00").by("ana")
	tag := s.tag("shipping")
	s.on("11 Mar 10:01").by("ben").edits("shipping", tag, "warehouse", 200)
	s.on("11 Mar 10:02").by("ana").edits("shipping", tag, "checkout", 412)
	s.finds("shipping", "Shipping of warehouse; reads order.created; writes order.shipped")

	// The payments team moves a topic: who has paid is told by the Ledger now.
	s.on("16 Mar 09:00").by("ben").adds("Ledger", "money", "reads payment.settled; writes ledger.booked")
	s.on("17 Mar 09:00").together(
		"Payments of money; reads order.created; writes payment.requested",
		"Ledger of money; reads payment.requested; writes payment.settled, ledger.booked",
	)
	s.on("17 Mar 09:05").sees("ledger mailer orders payments shipping")
	s.produced("payment.settled", "16 Mar 12:00", "service--payments")
	s.produced("payment.settled", "17 Mar 12:00", "service--ledger")

	// On Thursday the shop is out of order, and it began on Tuesday. What
	// consumed the topic that moved?
	s.on("19 Mar 08:00").by("ana").lets("orders", "reads payment.settled, stock.reserved; writes order.created")
	s.on("19 Mar 08:30").consumed("payment.settled", "17 Mar 08:59", "service--ledger service--orders")
	s.consumed("payment.settled", "17 Mar 09:00", "service--orders")
	s.found("orders", "17 Mar 09:00", "Orders of checkout; reads payment.settled; writes order.created")
	s.reads("16 Mar 00:00", "ana update orders, ben update payments, ben update ledger, ben create ledger")
	s.draws("ledger", "17 Mar 12:00", "Ledger Orders Payments ledger.booked payment.requested payment.settled")

	// In the hurry Ben removes the wrong service, and brings it back as it was.
	s.on("19 Mar 09:00").by("ben").removes("mailer")
	s.on("19 Mar 09:01").sees("ledger orders payments shipping")
	s.missed("mailer", "19 Mar 09:00")
	s.on("19 Mar 09:10").restores("mailer", "19 Mar 08:59")
	s.on("19 Mar 09:11").sees("ledger mailer orders payments shipping")
	s.finds("mailer", "Mailer of growth; reads order.created, order.shipped")
	s.explains("nothing → Mailer of growth; reads order.created, order.shipped")
	s.missed("mailer", "19 Mar 09:05")

	// What was done since the team began?
	s.on("27 Mar 16:00").by("ana").compares("2 Mar 12:00", "27 Mar 16:00",
		"+ledger +shipping ~orders ~billing→payments +ledger.booked +payment.requested +stock.reserved")
	s.compares("19 Mar 08:59", "19 Mar 09:11", "")
	s.follows("payments", "ben update payments, ben update payments, ana create billing")

	// An auditor reads all that without a key, for as long as Ana wants.
	token := s.on("30 Mar 10:00").shares()
	s.on("30 Mar 11:00").visits(token, "30 Mar 11:00", "ledger mailer orders payments shipping")
	s.visits(token, "2 Mar 09:15", "orders")
	s.on("31 Mar 18:00").stopsSharing()
	s.on("31 Mar 18:01").isTurnedAway(token)

	// For next year they try things out on a copy, which has no past.
	s.on("31 Mar 19:00").by("ben").duplicates("Web shop, next year")
	s.on("31 Mar 19:10").removes("mailer")
	s.on("31 Mar 19:20").sees("ledger orders payments shipping")
	s.saw("31 Mar 18:30", "")
	s.ends()
}

// The runner itself: what goes wrong first is what is told, with its line.
func TestAStoryKeepsTheFirstThatGoesWrong(t *testing.T) {
	s := begin(t, "ana")
	s.on("2 Mar 09:00").by("ana").starts("Web shop")
	_, _, line, _ := runtime.Caller(0)
	s.on("2 Mar 09:10").sees("orders")
	s.on("2 Mar 09:20").sees("billing")
	if want := fmt.Sprintf("month_test.go:%d", line+1); s.wrong == nil || s.line != want {
		t.Errorf("it tells of %s, not of %s: %v", s.line, want, s.wrong)
	}
}
