package dynamo

import (
	"context"
	"math"

	"almanac/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (s *Store) Get(ctx context.Context, key store.Key) (store.Item, error) {
	if err := store.ValidateKey(key); err != nil {
		return store.Item{}, err
	}
	in := &dynamodb.GetItemInput{
		TableName:              s.table,
		Key:                    encodeKey(key),
		ConsistentRead:         aws.Bool(true),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	}
	var out *dynamodb.GetItemOutput
	err := s.retry(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.GetItem(ctx, in)
		if err == nil {
			store.Count(ctx, reported(out.ConsumedCapacity), 0)
		}
		return err
	})
	if err != nil {
		return store.Item{}, err
	}
	if out.Item == nil {
		return store.Item{}, &store.Error{Kind: store.NotFound, Op: -1, Key: key}
	}
	return decodeItem(out.Item)
}

// Settled reads in a transaction, which conflicts with those that write the key.
func (s *Store) Settled(ctx context.Context, key store.Key) (store.Item, error) {
	if err := store.ValidateKey(key); err != nil {
		return store.Item{}, err
	}
	in := &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		{Get: &types.Get{TableName: s.table, Key: encodeKey(key)}},
	}}
	var out *dynamodb.TransactGetItemsOutput
	if err := s.retry(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.TransactGetItems(ctx, in)
		return err
	}); err != nil {
		return store.Item{}, err
	}
	found := out.Responses[0].Item
	if found == nil {
		store.Count(ctx, 2*store.ReadUnits(0), 0)
		return store.Item{}, &store.Error{Kind: store.NotFound, Op: -1, Key: key}
	}
	item, err := decodeItem(found)
	store.Count(ctx, 2*store.ReadUnits(store.Size(item)), 0)
	return item, err
}

func (s *Store) Range(ctx context.Context, q store.Query) ([]store.Item, error) {
	if err := store.ValidateQuery(q); err != nil {
		return nil, err
	}
	if q.To != "" && q.From >= q.To {
		return nil, nil
	}
	in := s.query(q)
	var items []store.Item
	for {
		if q.Limit > 0 {
			in.Limit = aws.Int32(int32(min(q.Limit-len(items), math.MaxInt32)))
		}
		page, err := s.page(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Items {
			item, err := decodeItem(a)
			if err != nil {
				return nil, err
			}
			if item.Sort == q.To {
				return items, nil
			}
			items = append(items, item)
		}
		if page.LastEvaluatedKey == nil || q.Limit > 0 && len(items) >= q.Limit {
			return items, nil
		}
		in.ExclusiveStartKey = page.LastEvaluatedKey
	}
}

// query is the request for a Range's first page. DynamoDB takes one condition
// on the sort key and has no half-open one. Backwards a query starts at To,
// which an ExclusiveStartKey leaves out; forwards it may end with the item at
// To, which Range drops.
func (s *Store) query(q store.Query) *dynamodb.QueryInput {
	condition := "pk = :p"
	values := attributes{":p": str(q.Partition)}
	var start attributes
	switch {
	case q.Reverse && q.To != "":
		start = encodeKey(store.Key{Partition: q.Partition, Sort: q.To})
		fallthrough
	case q.To == "":
		if q.From != "" {
			condition += " AND sk >= :from"
			values[":from"] = str(q.From)
		}
	case q.From == "":
		condition += " AND sk < :to"
		values[":to"] = str(q.To)
	default:
		condition += " AND sk BETWEEN :from AND :to"
		values[":from"] = str(q.From)
		values[":to"] = str(q.To)
	}
	return &dynamodb.QueryInput{
		TableName:                 s.table,
		KeyConditionExpression:    &condition,
		ExpressionAttributeValues: values,
		ExclusiveStartKey:         start,
		ScanIndexForward:          aws.Bool(!q.Reverse),
		ConsistentRead:            aws.Bool(true),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}
}

func (s *Store) page(ctx context.Context, in *dynamodb.QueryInput) (out *dynamodb.QueryOutput, err error) {
	err = s.retry(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.Query(ctx, in)
		if err == nil {
			// DynamoDB Local reports nothing for a page without items.
			store.Count(ctx, max(store.ReadUnits(0), reported(out.ConsumedCapacity)), 0)
		}
		return err
	})
	return out, err
}

func reported(c *types.ConsumedCapacity) float64 {
	if c == nil || c.CapacityUnits == nil {
		return 0
	}
	return *c.CapacityUnits
}
