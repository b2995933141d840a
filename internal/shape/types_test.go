package shape_test

import (
	"almanac/internal/shape"
)

type facts struct {
	Description shape.Field[string]            `json:"description" check:"nullable,maxLength=200"`
	Category    shape.Field[string]            `json:"category" check:"nullable,minLength=1,maxLength=60"`
	Owner       shape.Field[string]            `json:"owner" check:"nullable,minLength=1,maxLength=60"`
	Flows       shape.Field[[]string]          `json:"flows" check:"nullable,items.minLength=1,items.maxLength=100"`
	Consumes    shape.Field[[]topic]           `json:"consumes"`
	Produces    shape.Field[[]topic]           `json:"produces"`
	Extras      shape.Field[map[string]string] `json:"extras" check:"nullable,maxProperties=20,keys.maxLength=100,values.maxLength=500"`
}

type newService struct {
	Name string `json:"name" check:"required,minLength=1,maxLength=60,notBlank" doc:"What people call it." example:"Ordering"`
	facts
}

type servicePatch struct {
	Name shape.Field[string] `json:"name" check:"minLength=1,maxLength=60,notBlank"`
	facts
}

type topic struct {
	_        struct{}          `shape:"open"`
	Name     string            `json:"name" check:"required,minLength=1,maxLength=255"`
	Category *string           `json:"category,omitzero" check:"nullable,minLength=1,maxLength=60"`
	Owner    *string           `json:"owner,omitzero" check:"nullable,minLength=1,maxLength=60"`
	Flows    []string          `json:"flows,omitzero" check:"nullable,items.minLength=1,items.maxLength=100"`
	Extras   map[string]string `json:"extras,omitzero" check:"nullable,maxProperties=20,keys.maxLength=100,values.maxLength=500"`
}

// bareService is newService as encoding/json alone would take it.
type bareService struct {
	Name        string            `json:"name"`
	Description *string           `json:"description"`
	Category    *string           `json:"category"`
	Owner       *string           `json:"owner"`
	Flows       []string          `json:"flows"`
	Consumes    []bareTopic       `json:"consumes"`
	Produces    []bareTopic       `json:"produces"`
	Extras      map[string]string `json:"extras"`
}

type bareTopic struct {
	Name     string            `json:"name"`
	Category *string           `json:"category"`
	Owner    *string           `json:"owner"`
	Flows    []string          `json:"flows"`
	Extras   map[string]string `json:"extras"`
}
