package dynamo

import (
	"context"
	"crypto/rand"

	"almanac/internal/store"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func (s *Store) Transact(ctx context.Context, ops ...store.Op) error {
	if err := store.Validate(ops...); err != nil {
		return err
	}
	if len(ops) == 0 {
		return nil
	}
	if store.Plain(ops...) {
		return s.put(ctx, ops[0])
	}
	in := &dynamodb.TransactWriteItemsInput{
		// One token for all attempts: a repeated request that was already
		// done is not done twice.
		ClientRequestToken:     aws.String(rand.Text()),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		TransactItems:          make([]types.TransactWriteItem, len(ops)),
	}
	var computed float64
	for i, op := range ops {
		in.TransactItems[i] = s.encodeOp(op)
		after := 0
		if op.Kind == store.OpPut {
			after = store.Size(op.Item)
		}
		computed += store.WriteUnits(0, after)
	}
	err := s.retry(ctx, func(ctx context.Context) error {
		out, err := s.client.TransactWriteItems(ctx, in)
		if err == nil {
			// DynamoDB Local reports half of what AWS bills. AWS's figure is
			// never below the computed one, which does not know what was there.
			var units float64
			for i := range out.ConsumedCapacity {
				units += reported(&out.ConsumedCapacity[i])
			}
			store.Count(ctx, 0, max(units, computed))
		}
		return err
	})
	if e, ok := err.(*store.Error); ok && e.Op >= 0 && e.Op < len(ops) {
		e.Key = ops[e.Op].Item.Key
	}
	return err
}

// put does a plain write. Where its condition does not hold after an attempt
// that got no answer, nobody knows whether it was this one that changed the item.
func (s *Store) put(ctx context.Context, op store.Op) error {
	condition, values := encodeCondition(op.If)
	in := &dynamodb.PutItemInput{
		TableName:                 s.table,
		Item:                      encodeItem(op.Item),
		ConditionExpression:       condition,
		ExpressionAttributeValues: values,
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
	}
	err := s.retry(ctx, func(ctx context.Context) error {
		out, err := s.client.PutItem(ctx, in)
		if err == nil {
			store.Count(ctx, 0, reported(out.ConsumedCapacity))
		}
		return err
	})
	if e, ok := err.(*store.Error); ok && e.Op == 0 {
		e.Key = op.Item.Key
	}
	return err
}

func (s *Store) encodeOp(op store.Op) types.TransactWriteItem {
	condition, values := encodeCondition(op.If)
	switch op.Kind {
	case store.OpPut:
		return types.TransactWriteItem{Put: &types.Put{
			TableName:                 s.table,
			Item:                      encodeItem(op.Item),
			ConditionExpression:       condition,
			ExpressionAttributeValues: values,
		}}
	case store.OpDelete:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName:                 s.table,
			Key:                       encodeKey(op.Item.Key),
			ConditionExpression:       condition,
			ExpressionAttributeValues: values,
		}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName:                 s.table,
			Key:                       encodeKey(op.Item.Key),
			ConditionExpression:       condition,
			ExpressionAttributeValues: values,
		}}
	}
}

func encodeCondition(c store.Condition) (*string, attributes) {
	switch c.Kind {
	case store.IsAbsent:
		return aws.String("attribute_not_exists(pk)"), nil
	case store.IsVersion:
		return aws.String("v = :v"), attributes{":v": num(c.Version)}
	}
	return nil, nil
}
