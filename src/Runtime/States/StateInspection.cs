using System.Collections;
using System.Reflection;

namespace Granary.Runtime;

/// <summary>
/// Inspects a state's objects where its declared types do not determine what they are: a member may hold an object of a
/// derived class, of which Orleans' serializer and copier carry less, or nests deeper than their recursion can go.
/// </summary>
internal sealed class StateInspection
{
    /// <summary>How deep objects may nest for Orleans, whose serializer and copier recurse.</summary>
    public const int DepthMax = 400;

    private readonly HashSet<object> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<(object Value, int Depth, FieldInfo? Member)> _open = new();
    private readonly HashSet<Type> _types = [];

    private StateInspection()
    {
    }

    /// <summary>The first member that Orleans is not proved to carry whole, and why; else null.</summary>
    public string? Unproved { get; private set; }

    /// <summary>Why the state must not be passed to Orleans at all; else null.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The types of the inspected objects.</summary>
    public IReadOnlyCollection<Type> Types => _types;

    /// <summary>Inspects a state.</summary>
    public static StateInspection Of(object state)
    {
        var inspection = new StateInspection();
        inspection.Add(state, 0, null);
        while (inspection.Refusal is null && inspection._open.TryPop(out var next))
            inspection.Inspect(next.Value, next.Depth, next.Member);
        return inspection;
    }

    private void Add(object? value, int depth, FieldInfo? member)
    {
        if (value is null || StateKinds.Of(value.GetType()) == StateKind.Value) return;
        if (value is not ValueType && !_seen.Add(value)) return;
        if (depth > DepthMax) Refusal ??= $"{NameOf(member)} nests deeper than {DepthMax} objects";
        else if (_seen.Count > StateCloner.ObjectsMax) Refusal ??= $"it has more than {StateCloner.ObjectsMax} objects";
        else _open.Push((value, depth, member));
    }

    private void Inspect(object value, int depth, FieldInfo? member)
    {
        var type = value.GetType();
        if (StateKinds.Of(type) == StateKind.Refused)
        {
            Refusal ??= $"{NameOf(member)} holds a {type}";
            return;
        }

        var known = SerializedType.Of(type);
        if (known.Unproved is { } unproved) Unproved ??= member is null ? unproved : $"{NameOf(member)}: {unproved}";
        if (StateKinds.Of(type) == StateKind.Foreign) return;
        _types.Add(type);
        if (!HasUsualComparer(value, type)) Unproved ??= $"{NameOf(member)} has a comparer of its own";
        if (known.InspectsItems || (known.Unproved is not null && StateKinds.IsFramework(type) && value is IEnumerable))
        {
            foreach (var item in (IEnumerable)value) AddItem(item, depth + 1, member);
            return;
        }

        foreach (var field in known.Inspected)
            Add(field.GetValue(value), depth + 1, StateKinds.IsFramework(type) ? member : field);
    }

    private void AddItem(object? item, int depth, FieldInfo? member)
    {
        // An entry of a dictionary is no object of its own.
        var type = item?.GetType();
        if (type is not { IsGenericType: true } || type.GetGenericTypeDefinition() != typeof(KeyValuePair<,>))
        {
            Add(item, depth, member);
            return;
        }

        Add(type.GetProperty("Key")!.GetValue(item), depth, member);
        Add(type.GetProperty("Value")!.GetValue(item), depth, member);
    }

    private static bool HasUsualComparer(object value, Type type)
    {
        if (!type.IsGenericType || value is not (IDictionary or IEnumerable)) return true;
        var definition = type.GetGenericTypeDefinition();
        if (definition != typeof(Dictionary<,>) && definition != typeof(HashSet<>)) return true;
        var comparer = type.GetProperty("Comparer")!.GetValue(value);
        var usual = typeof(EqualityComparer<>).MakeGenericType(type.GetGenericArguments()[0])
            .GetProperty("Default")!.GetValue(null);
        return Equals(comparer, usual);
    }

    private static string NameOf(FieldInfo? member) =>
        member is null ? "the state" : SerializedMembers.FullNameOf(member);
}
