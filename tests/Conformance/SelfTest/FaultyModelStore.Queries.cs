using System.Text;

namespace Granary.Tests.Conformance.SelfTest;

internal sealed partial class FaultyModelStore
{
    public ValueTask<ModelPage> QueryAsync(ModelQuery query, CancellationToken cancellationToken)
    {
        CheckToken(cancellationToken);
        if (fault != Fault.TakesEveryQuery) query.Check();
        lock (_data.Lock) return ValueTask.FromResult(Query(query));
    }

    private ModelPage Query(ModelQuery query)
    {
        var table = Find(query.Table);
        var at = query.OrderBy is null ? -1 : table.Table.Columns.ToList().IndexOf(query.OrderBy);
        var found = table.Rows.Values.Where(row => IsFound(query, row.Row, row.Values))
            .Select(row => (row.Row, Value: at < 0 ? null : row.Values[at])).ToList();
        found.Sort((left, right) => Order(query, left.Value, left.Row.Key, right.Value, right.Row.Key));
        if (query.After is { } after)
        {
            found = fault == Fault.LooksForTheLastRow
                ? found[(found.FindIndex(row => row.Row.Key == after.Key) + 1)..]
                : found.Where(row => IsAfter(query, row.Value, row.Row.Key, after)).ToList();
        }

        var limit = fault == Fault.CutsPages ? Math.Min(query.Limit, GranaryLimits.PageSizeMax - 1) : query.Limit;
        var bytesMax = fault == Fault.ForgetsTheBytesOfAPage ? long.MaxValue : GranaryLimits.PageBytesMax;
        var bytes = 0L;
        var rows = found.Take(limit).TakeWhile(
            (row, index) => (bytes += row.Row.Document.Length) <= bytesMax || index == 0).ToList();
        var names = rows.Count < found.Count || fault == Fault.NamesANextPageAlways;
        var next = rows.Count == 0 ? new ModelCursor(null, "") : new(rows[^1].Value, rows[^1].Row.Key);
        return new ModelPage([.. rows.Select(static row => row.Row)], names ? next : null);
    }

    private bool IsFound(ModelQuery query, ModelRow row, IReadOnlyList<object?> values)
    {
        var conditions = fault switch
        {
            Fault.LooksAtOneCondition => query.Conditions.Take(1),
            Fault.ForgetsConditionsAfterAPage when query.After is not null => [],
            _ => query.Conditions,
        };
        return conditions.All(one => IsTrue(query.Table, one, row, values));
    }

    private bool IsTrue(ModelTable table, ModelCondition condition, ModelRow row, IReadOnlyList<object?> values)
    {
        var at = condition.Column is null ? -1 : table.Columns.ToList().IndexOf(condition.Column);
        var value = condition.Column is null ? row.Key : at < 0 ? null : values[at];
        var other = condition.Column is null || fault == Fault.ComparesValuesAsTheyAre
            ? condition.Value
            : condition.Column.Normalize(condition.Value);
        if (other is null && fault == Fault.FiltersNoNulls) return true;
        if ((value is null || other is null) && !(fault == Fault.TakesNullForLess && other is not null))
            return condition.Comparison == ModelComparison.Equal && value is null && other is null;
        var order = CompareValues(value, other);
        return condition.Comparison switch
        {
            ModelComparison.Equal => order == 0,
            ModelComparison.Less => order < 0,
            ModelComparison.LessOrEqual => fault == Fault.TakesLessOrEqualForLess ? order < 0 : order <= 0,
            ModelComparison.Greater => order > 0,
            _ => order >= 0,
        };
    }

    private bool IsAfter(ModelQuery query, object? value, string key, ModelCursor after) =>
        fault == Fault.SkipsTies && query.OrderBy is not null
            ? (query.Descending ? -1 : 1) * CompareValues(value, after.Value) > 0
            : Order(query, value, key, after.Value, after.Key) > 0;

    private int Order(ModelQuery query, object? value, string key, object? otherValue, string otherKey)
    {
        var sign = query.Descending ? -1 : 1;
        var order = sign * CompareValues(value, otherValue);
        if (fault == Fault.OrdersNullLast && value is null != otherValue is null) return -order;
        return order != 0 ? order : (fault == Fault.ReversesNoKeys ? 1 : sign) * CompareValues(key, otherKey);
    }

    private int CompareValues(object? left, object? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string one, string other) when fault == Fault.OrdersByUtf16 => string.CompareOrdinal(one, other),
        (string one, string other) => Encoding.UTF8.GetBytes(one).AsSpan()
            .SequenceCompareTo(Encoding.UTF8.GetBytes(other)),
        _ => Comparer<object>.Default.Compare(left, right),
    };
}
