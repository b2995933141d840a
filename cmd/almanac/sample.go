package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"strings"

	"almanac/internal/catalog"
	"almanac/internal/host/maintainer"
	"almanac/internal/shape"
	"almanac/internal/tenant"
)

// sampleServices are the services of the public reference application
// dotnet/eShop and the integration events that each publishes and subscribes to.
//
//go:embed sample/eshop.json
var sampleServices []byte

const sampleProject = "eshop-sample"

// sampler is the author of what the sample holds.
var sampler = tenant.Principal{Workspace: tenant.Local, ID: "sample", Label: "sample", Role: tenant.Owner}

// loadSample makes the sample project and changes some of its services, so that
// a first question about the past has something to show. What an interrupted
// load left is removed first.
func loadSample(ctx context.Context, cat *catalog.Catalog, background *maintainer.Maintainer) error {
	var services []catalog.NewService
	if bad := shape.NewBody(reflect.TypeFor[[]catalog.NewService]()).Decode(sampleServices, &services); len(bad) > 0 {
		return fmt.Errorf("the sample data is not valid: %s %s", bad[0].Field, bad[0].Message)
	}
	err := cat.DeleteProject(ctx, sampler, catalog.DeleteProjectInput{ProjectID: sampleProject})
	if err != nil && !errors.Is(err, catalog.ErrProjectNotFound) {
		return err
	}
	// Its id is taken until nothing is left of it.
	if err := background.Sweep(ctx); err != nil {
		return err
	}
	if _, err := cat.CreateProjectAs(ctx, sampler, sampleProject, catalog.NewProject{
		Name:        "eShop sample",
		Description: "The services of the public reference application dotnet/eShop",
	}); err != nil {
		return err
	}
	for _, service := range services {
		in := catalog.CreateServiceInput{ProjectID: sampleProject, Body: service}
		if _, err := cat.CreateService(ctx, sampler, in); err != nil {
			return err
		}
	}
	for _, change := range sampleChanges {
		in := catalog.UpdateServiceInput{ProjectID: sampleProject, ServiceSlug: change.slug, Body: catalog.ServicePatch{ServiceFacts: change.facts}}
		if _, err := cat.UpdateService(ctx, sampler, in); err != nil {
			return err
		}
	}
	return nil
}

var sampleChanges = []struct {
	slug  string
	facts catalog.ServiceFacts
}{
	{"catalog-api", catalog.ServiceFacts{Description: shape.Of("Products, prices, stock and pictures")}},
	{"paymentprocessor", catalog.ServiceFacts{Flows: shape.Of([]string{"checkout", "refund"})}},
	{"basket-api", catalog.ServiceFacts{Description: shape.Of("Shopping baskets, kept in Redis for 30 days"), Owner: shape.Of("checkout-team")}},
}

// printRequests prints requests to copy, unless the sample is not there, which it
// says, or was changed too much for them.
func printRequests(ctx context.Context, cat *catalog.Catalog, s settings, address string, out io.Writer) {
	service, err := cat.GetService(ctx, sampler, catalog.GetServiceInput{ProjectID: sampleProject, ServiceSlug: "basket-api"})
	if errors.Is(err, catalog.ErrProjectNotFound) {
		fmt.Fprintln(out, "--sample did nothing: there is data already, and it loads the sample into an empty data directory only")
	}
	if err != nil {
		return
	}
	key := "$ALMANAC_OWNER_KEY"
	if s.ownerKey == "" {
		file, err := filepath.Abs(s.keyFile())
		if err != nil {
			return
		}
		key = "$(cat " + shellQuoted(file) + ")"
	}
	project := address + "/v1/projects/" + sampleProject
	curl := fmt.Sprintf(`curl -s -H "Authorization: Bearer %s"`, key)
	fmt.Fprintf(out, `
Requests to copy:
# all services now
%[1]s '%[2]s/services'
# one service now
%[1]s '%[2]s/services/%[3]s'
# the same service before it was changed
%[1]s '%[2]s/services/%[3]s?at=%[4]s'
# what changed, newest first
%[1]s '%[2]s/history'
# where it listens
%[1]s '%[2]s/services/%[3]s/network'
# all hosts with what runs on them
%[1]s '%[5]s/api/v1/hosts'
# a wrong request, and what it is told
%[1]s -X POST '%[2]s/services' -d '{"name": " ", "owner": 7, "colour": "blue"}'
`, curl, project, service.Slug, service.CreatedAt, address)
}

// shellQuoted is a text as one word of a POSIX shell.
func shellQuoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
