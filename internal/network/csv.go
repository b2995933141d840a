package network

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"

	"almanac/internal/fault"
)

// CSV is a table of text: UTF-8, lines and quotes as in RFC 4180, a header first.
type CSV struct{ name, text string }

func (c CSV) Text() string      { return c.text }
func (c CSV) MediaType() string { return "text/csv; charset=utf-8" }
func (c CSV) FileName() string  { return c.name + ".csv" }

// TooLarge is what the answer becomes where it is more than an answer may be.
func (CSV) TooLarge() *fault.Error {
	return fault.BadRequest("the table is more than one answer carries; ask for parts of it with filters such as network_id, where there is one, and ids, or read the list in pages")
}

// csvOf makes a table with a line for each of rows, of its cells in the order of
// the header. A cell that is nil is empty.
func csvOf[T any](name string, header []string, rows []T, cells func(T) []any) (CSV, error) {
	// A csv.Writer that ends lines with CRLF would change those inside a cell,
	// too: so it writes one line at a time, and its end is put here.
	var text, line bytes.Buffer
	w := csv.NewWriter(&line)
	write := func(cells []string) error {
		line.Reset()
		if err := w.Write(cells); err != nil {
			return err
		}
		w.Flush()
		text.Write(bytes.TrimSuffix(line.Bytes(), []byte("\n")))
		text.WriteString("\r\n")
		return w.Error()
	}
	if err := write(header); err != nil {
		return CSV{}, err
	}
	for _, row := range rows {
		shown := make([]string, 0, len(header))
		for _, value := range cells(row) {
			shown = append(shown, cell(value))
		}
		if err := write(shown); err != nil {
			return CSV{}, err
		}
	}
	return CSV{name, text.String()}, nil
}

func cell(value any) string {
	switch v := value.(type) {
	case *string:
		if v == nil {
			return ""
		}
		return defused(*v)
	case string:
		return defused(v)
	}
	return fmt.Sprint(value)
}

// defused keeps programs that calculate from taking a text for a formula: what
// begins like one gets an apostrophe before it.
// https://owasp.org/www-community/attacks/CSV_Injection
func defused(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
