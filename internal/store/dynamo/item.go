package dynamo

import (
	"errors"
	"fmt"
	"strconv"

	"almanac/internal/store"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type attributes = map[string]types.AttributeValue

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func num(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func encodeKey(key store.Key) attributes {
	return attributes{store.AttrPartition: str(key.Partition), store.AttrSort: str(key.Sort)}
}

func encodeItem(item store.Item) attributes {
	a := encodeKey(item.Key)
	a[store.AttrVersion] = num(item.Version)
	body := item.Body
	if body == nil {
		body = []byte{}
	}
	a[store.AttrBody] = &types.AttributeValueMemberB{Value: body}
	if item.Expires != 0 {
		a[store.AttrExpires] = num(item.Expires)
	}
	return a
}

func decodeItem(a attributes) (item store.Item, err error) {
	partition, ok1 := a[store.AttrPartition].(*types.AttributeValueMemberS)
	sort, ok2 := a[store.AttrSort].(*types.AttributeValueMemberS)
	if !ok1 || !ok2 {
		return item, damaged(item.Key, errors.New("an item without its keys"))
	}
	item.Key = store.Key{Partition: partition.Value, Sort: sort.Value}
	body, ok := a[store.AttrBody].(*types.AttributeValueMemberB)
	if !ok {
		return item, damaged(item.Key, fmt.Errorf("its attribute %q is not binary", store.AttrBody))
	}
	item.Body = body.Value
	if item.Version, err = number(a[store.AttrVersion]); err != nil {
		return item, damaged(item.Key, fmt.Errorf("its attribute %q: %w", store.AttrVersion, err))
	}
	if expires, ok := a[store.AttrExpires]; ok {
		if item.Expires, err = number(expires); err != nil {
			return item, damaged(item.Key, fmt.Errorf("its attribute %q: %w", store.AttrExpires, err))
		}
	}
	return item, nil
}

func number(v types.AttributeValue) (int64, error) {
	n, ok := v.(*types.AttributeValueMemberN)
	if !ok {
		return 0, errors.New("not a number")
	}
	return strconv.ParseInt(n.Value, 10, 64)
}

func damaged(key store.Key, err error) error {
	return &store.Error{Kind: store.Damaged, Op: -1, Key: key, Err: err}
}
