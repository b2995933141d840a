package emulated

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"almanac/tests/lambda/runtimeapi"
)

const stackName = "Almanac"

// Stack is the stack, deployed.
type Stack struct {
	*Emulator
	Outputs map[string]string
	program string // the command almanac
	// Physical is what each logical id of the template became.
	Physical map[string]string
	Template Template
}

// Template is what tests read of a template.
type Template struct {
	Resources map[string]struct {
		Type       string
		Properties map[string]any
		Metadata   map[string]any
	}
}

// Deploy builds the functions for this machine, synthesises the stack and
// creates it. Folder is for what it makes; root is the module's.
func Deploy(ctx context.Context, e *Emulator, root, folder string) (*Stack, error) {
	if err := build(filepath.Join(folder, "dist")); err != nil {
		return nil, err
	}
	out, err := synthesise(ctx, root, folder)
	if err != nil {
		return nil, err
	}
	program := filepath.Join(folder, "almanac")
	if said, err := command(ctx, root, "go", "build", "-o", program, "./cmd/almanac").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("almanac: %w\n%s", err, said)
	}
	s, err := e.create(ctx, out)
	if err != nil {
		return nil, err
	}
	s.program = program
	return s, nil
}

func command(ctx context.Context, folder, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	return cmd
}

// build puts the functions where the CDK app looks for them.
func build(dist string) error {
	all := dist + ".all"
	if err := runtimeapi.BuildFunctions(all); err != nil {
		return err
	}
	programs, err := os.ReadDir(all)
	if err != nil {
		return err
	}
	for _, p := range programs {
		if err := os.MkdirAll(filepath.Join(dist, p.Name()), 0o755); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(all, p.Name()), filepath.Join(dist, p.Name(), "bootstrap")); err != nil {
			return err
		}
	}
	return nil
}

// synthesise runs the CDK app, which reads dist in its folder.
func synthesise(ctx context.Context, root, folder string) (out string, err error) {
	out = filepath.Join(folder, "cdk.out")
	app := filepath.Join(folder, "infra")
	compile, run := command(ctx, root, "go", "build", "-o", app, "./infra"), command(ctx, folder, app)
	// Assets stay where they are: copies of a hundred programs take their time.
	run.Env = append(os.Environ(), "CDK_OUTDIR="+out, `CDK_CONTEXT_JSON={"aws:cdk:disable-asset-staging":true}`)
	for _, cmd := range []*exec.Cmd{compile, run} {
		if said, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", cmd, err, said)
		}
	}
	return out, nil
}

// create does what CDK's command line does: it uploads what the stack is made
// from and has CloudFormation make it.
func (e *Emulator) create(ctx context.Context, out string) (*Stack, error) {
	if err := e.upload(ctx, out); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(out, stackName+".template.json"))
	if err != nil {
		return nil, err
	}
	s := &Stack{Emulator: e}
	if err := json.Unmarshal(data, &s.Template); err != nil {
		return nil, err
	}
	// Larger than what CloudFormation takes in the request itself.
	const bucket, key = "templates", stackName + ".json"
	if err := e.put(ctx, bucket, key, data); err != nil {
		return nil, err
	}
	// The version of the account's bootstrap, which the template asks for.
	if err := e.Target(ctx, "ssm", "AmazonSSM.PutParameter", map[string]any{
		"Name": "/cdk-bootstrap/hnb659fds/version", "Value": "30", "Type": "String", "Overwrite": true,
	}, nil); err != nil {
		return nil, err
	}
	if _, err := e.formation(ctx, "CreateStack", map[string]string{
		"StackName": stackName, "TemplateURL": e.URL + "/" + bucket + "/" + key,
		"Capabilities.member.1": "CAPABILITY_IAM", "OnFailure": "DO_NOTHING",
	}); err != nil {
		return nil, err
	}
	return s, s.settle(ctx)
}

func (e *Emulator) formation(ctx context.Context, action string, parameters map[string]string) ([]byte, error) {
	return e.Query(ctx, "cloudformation", "2010-05-15", action, parameters)
}

// settle waits until the stack is made, or says which resources were not.
func (s *Stack) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		answer, err := s.formation(ctx, "DescribeStacks", map[string]string{"StackName": stackName})
		if err != nil {
			return err
		}
		var described struct {
			Status  string `xml:"DescribeStacksResult>Stacks>member>StackStatus"`
			Outputs []struct {
				OutputKey, OutputValue string
			} `xml:"DescribeStacksResult>Stacks>member>Outputs>member"`
		}
		if err := xml.Unmarshal(answer, &described); err != nil {
			return err
		}
		switch {
		case described.Status == "CREATE_COMPLETE":
			s.Outputs = map[string]string{}
			for _, o := range described.Outputs {
				s.Outputs[o.OutputKey] = o.OutputValue
			}
			return s.readResources(ctx)
		case strings.HasSuffix(described.Status, "FAILED"), strings.HasSuffix(described.Status, "ROLLBACK_COMPLETE"):
			events, err := s.formation(ctx, "DescribeStackEvents", map[string]string{"StackName": stackName})
			return errors.Join(fmt.Errorf("the stack is %s: %s", described.Status, events), err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the stack is still %s: %w", described.Status, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (s *Stack) readResources(ctx context.Context) error {
	answer, err := s.formation(ctx, "DescribeStackResources", map[string]string{"StackName": stackName})
	if err != nil {
		return err
	}
	var described struct {
		Resources []struct {
			LogicalResourceId, PhysicalResourceId string
		} `xml:"DescribeStackResourcesResult>StackResources>member"`
	}
	if err := xml.Unmarshal(answer, &described); err != nil {
		return err
	}
	s.Physical = map[string]string{}
	for _, r := range described.Resources {
		s.Physical[r.LogicalResourceId] = r.PhysicalResourceId
	}
	return nil
}

// Delete deletes the stack and returns when it is gone.
func (s *Stack) Delete(ctx context.Context) error {
	if _, err := s.formation(ctx, "DeleteStack", map[string]string{"StackName": stackName}); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		answer, err := s.formation(ctx, "DescribeStacks", map[string]string{"StackName": stackName})
		switch {
		case err != nil && strings.Contains(err.Error(), "does not exist"), strings.Contains(string(answer), "DELETE_COMPLETE"):
			return nil
		case err != nil:
			return err
		case strings.Contains(string(answer), "DELETE_FAILED"):
			return fmt.Errorf("the stack is not deleted: %s", answer)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// upload stores the assets that a cloud assembly names, zipped.
func (e *Emulator) upload(ctx context.Context, out string) error {
	data, err := os.ReadFile(filepath.Join(out, stackName+".assets.json"))
	if err != nil {
		return err
	}
	var assets struct {
		Files map[string]struct {
			Source       struct{ Path, Packaging string }
			Destinations map[string]struct{ BucketName, ObjectKey string }
		}
	}
	if err := json.Unmarshal(data, &assets); err != nil {
		return err
	}
	for _, file := range assets.Files {
		if file.Source.Packaging != "zip" {
			continue // the template
		}
		folder := file.Source.Path
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(out, folder)
		}
		packed, err := pack(folder)
		if err != nil {
			return err
		}
		for _, d := range file.Destinations {
			bucket := strings.NewReplacer("${AWS::AccountId}", Account, "${AWS::Region}", Region).Replace(d.BucketName)
			if err := e.put(ctx, bucket, d.ObjectKey, packed); err != nil {
				return err
			}
		}
	}
	return nil
}

// pack zips a folder; the modes of files are kept. It goes nowhere but to this
// machine, so it need not be small.
func pack(folder string) ([]byte, error) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.NoCompression) })
	err := errors.Join(z.AddFS(os.DirFS(folder)), z.Close())
	return packed.Bytes(), err
}

// Lost is an error when what must outlive the stack is gone.
func (e *Emulator) Lost(s *Stack) error {
	var out struct{ Table struct{ TableStatus string } }
	err := e.Target(context.Background(), "dynamodb", "DynamoDB_20120810.DescribeTable", map[string]string{"TableName": s.Outputs["TableName"]}, &out)
	if err == nil && out.Table.TableStatus != "ACTIVE" {
		err = errors.New("the table is " + out.Table.TableStatus)
	}
	if err != nil {
		return fmt.Errorf("the table did not outlive its stack: %w", err)
	}
	return nil
}
