package emulated

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// The emulator's own account and region. Its owner signs with any secret.
const (
	Account = "000000000000"
	Region  = "us-east-1"
	Owner   = "test"
)

// call asks an AWS service, as the owner, over plain HTTP: what is needed of
// six services are one or two calls each, so their clients would be six modules
// for a dozen requests.
func (e *Emulator) call(ctx context.Context, service, method, path string, header map[string]string, body []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, e.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20261122/%s/%s/aws4_request, SignedHeaders=host, Signature=0", Owner, Region, service))
	for name, value := range header {
		r.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s %s: %d %s", service, method, path, res.StatusCode, answer)
	}
	return answer, err
}

// Query calls an action of a service with the query protocol; it answers XML.
func (e *Emulator) Query(ctx context.Context, service, version, action string, parameters map[string]string) ([]byte, error) {
	form := url.Values{"Action": {action}, "Version": {version}}
	for name, value := range parameters {
		form.Set(name, value)
	}
	return e.call(ctx, service, http.MethodPost, "/", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(form.Encode()))
}

// Target calls an action of a service with the JSON protocol.
func (e *Emulator) Target(ctx context.Context, service, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := e.call(ctx, service, http.MethodPost, "/", map[string]string{
		"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target,
	}, body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// REST calls a service whose requests are paths, as API Gateway's and Lambda's.
func (e *Emulator) REST(ctx context.Context, service, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	answer, err := e.call(ctx, service, method, path, map[string]string{"Content-Type": "application/json"}, body)
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// put stores an object. The bucket is made by its first use.
func (e *Emulator) put(ctx context.Context, bucket, key string, data []byte) error {
	_, err := e.call(ctx, "s3", http.MethodPut, "/"+bucket+"/"+key, nil, data)
	if err != nil && strings.Contains(err.Error(), "NoSuchBucket") {
		if _, err := e.call(ctx, "s3", http.MethodPut, "/"+bucket, nil, nil); err != nil {
			return err
		}
		_, err = e.call(ctx, "s3", http.MethodPut, "/"+bucket+"/"+key, nil, data)
	}
	return err
}
