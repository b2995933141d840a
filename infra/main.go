// The stack on AWS, made from the table of endpoints.
package main

import (
	"log"

	"almanac/internal/api"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	app := newApp(nil)
	if err := addStack(app, api.Table(), "dist"); err != nil {
		log.Fatal(err)
	}
	app.Synth(nil)
}

// newApp writes to outdir; nil leaves the choice to CDK's command line.
func newApp(outdir *string) awscdk.App {
	return awscdk.NewApp(&awscdk.AppProps{Outdir: outdir, AnalyticsReporting: jsii.Bool(false)})
}
