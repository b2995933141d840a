package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"almanac/internal/host/lambdahost/usageplan"
	"almanac/internal/tenant"
)

const maxLabel = 60

// createKey prints a new owner key of a workspace, alone on standard output so
// that a script can take it. With the plans of a deployed stack the gateway
// knows the key too, in a plan.
func createKey(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) (err error) {
	var s settings
	f := newFlags("keys create", env, stdout)
	f.StringVar(&s.workspace, "workspace", "", "name of the workspace, which is made if it is not there")
	f.StringVar(&s.label, "label", "owner", "what is shown as the author of what the key writes")
	f.text(&s.plans, "plans", "", "the usage plans of a deployed stack, its output Plans, as in free=ID,standard=ID")
	f.text(&s.plan, "plan", string(tenant.Standard), "the plan of the key: free or standard")
	if err := f.parse(args, &s); err != nil {
		return err
	}
	if err := tenant.CheckWorkspaceName(s.workspace); err != nil {
		return usageError("--workspace: %w", err)
	}
	if strings.TrimSpace(s.label) == "" || utf8.RuneCountInString(s.label) > maxLabel ||
		strings.ContainsFunc(s.label, unicode.IsControl) || !utf8.ValidString(s.label) {
		return usageError("--label is 1 to %d characters without control characters", maxLabel)
	}
	plan := tenant.Plan(s.plan)
	if plan != tenant.Free && plan != tenant.Standard {
		return usageError("--plan is free or standard, not %q", s.plan)
	}
	gateway, err := s.gateway(stderr)
	if err != nil {
		return err
	}
	st, err := s.openStore(ctx, env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	issuer := tenant.NewIssuer(st, time.Now, gateway)
	in := func(plan tenant.Plan) keyMaker {
		return func(ctx context.Context, workspace, label, secret string) error {
			return issuer.CreateOwnerKey(ctx, workspace, label, plan, secret)
		}
	}
	nothing := func() error { return nil }
	// The key of local may do what it may where serve makes it.
	if err := bootstrap(ctx, s, tenant.NewKeys(st, time.Now), in(tenant.Standard), nothing, stderr); err != nil {
		return err
	}
	secret := tenant.NewSecret()
	if err := in(plan)(ctx, s.workspace, s.label, secret); err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, secret)
	return err
}

// gateway is that of the stack whose plans are named; none where none are.
func (s settings) gateway(stderr io.Writer) (tenant.Gateway, error) {
	switch {
	case s.plans == "" && s.store == "dynamodb":
		_, err := fmt.Fprintln(stderr, "the key is in no usage plan, so API Gateway refuses it: name the stack's plans with --plans for one that it takes")
		return nil, err
	case s.plans == "":
		return nil, nil
	case s.store != "dynamodb":
		return nil, usageError("--plans are those of a deployed stack: they need --store dynamodb")
	}
	gateway, err := usageplan.OpenPlans(s.plans)
	if err != nil {
		return nil, usageError("--plans is free=ID,standard=ID, not %q", s.plans)
	}
	return gateway, nil
}
