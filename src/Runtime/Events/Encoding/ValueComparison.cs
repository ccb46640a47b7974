using System.Collections;
using System.Runtime.CompilerServices;

namespace Granary.Runtime;

/// <summary>
/// Compares an event with what was read back of it, member by member: classes, values, kinds of collections, their
/// order and their comparers. What it calls equal behaves the same; where in doubt values differ.
/// </summary>
/// <remarks>
/// It walks both objects with a queue of its own, so that a deep object does not overflow the thread's stack. A pair of
/// objects is compared once, which ends circles and bounds the work by the size of what was read.
/// </remarks>
internal sealed class ValueComparison
{
    private readonly Queue<Pair> _open = new();
    private readonly HashSet<(object, object)> _seen = new(PairIdentity.Instance);
    private readonly Func<object, bool>? _search;
    private int _depthMax = int.MaxValue;
    private string? _found;

    private ValueComparison(Func<object, bool>? search) => _search = search;

    /// <summary>The first member that differs, with the reason; null where the objects are equal.</summary>
    public static string? FirstDifference(object raised, object? read) =>
        new ValueComparison(null).Run(raised, read);

    /// <summary>The first member whose value fulfils a condition; null where there is none.</summary>
    public static string? FirstWhere(object @event, Func<object, bool> condition) =>
        new ValueComparison(condition).Run(@event, @event);

    /// <summary>The first member that is nested deeper than a bound; null where there is none.</summary>
    public static string? FirstDeeperThan(object @event, int depthMax) =>
        new ValueComparison(static _ => false) { _depthMax = depthMax }.Run(@event, @event);

    private string? Run(object raised, object? read)
    {
        _open.Enqueue(new(raised, read, raised.GetType(), new(null, raised.GetType().Name)));
        while (_found is null && _open.TryDequeue(out var next)) Compare(next);
        return _found;
    }

    private void Compare(Pair pair)
    {
        var (raised, read, declared, path) = pair;
        if (raised is null || read is null)
        {
            if (raised is null != read is null)
                Report(path, raised is null ? "is null and comes back as something" : "comes back as null");
            return;
        }

        if (path.Depth > _depthMax)
        {
            _found = path.ToString();
            return;
        }

        var type = raised.GetType();
        if (type != read.GetType())
        {
            if (CollectionKinds.IsReadOnlySequence(declared) && CollectionKinds.IsList(raised)
                && CollectionKinds.IsList(read))
                CompareElements((IEnumerable)raised, (IEnumerable)read, CollectionKinds.ElementOf(declared), path);
            else
                Report(path, $"is a {type} and comes back as a {read.GetType()}");
            return;
        }

        if (ValueLeaves.IsLeaf(raised)) CompareLeaves(raised, read, path);
        else if (IsPassedOver(raised, read)) return;
        else if (type.IsValueType || _seen.Add((raised, read))) CompareInside(raised, read, path);
    }

    // A search does not go into what is no part of the event: a service leads to the whole silo.
    private bool IsPassedOver(object raised, object read) => _search is null
        ? ReferenceEquals(raised, read)
        : raised is not ValueType && StateKinds.Of(raised.GetType()) == StateKind.Foreign;

    private void CompareLeaves(object raised, object read, Path path)
    {
        if (_search is not null)
        {
            if (_search(raised)) _found = path.ToString();
            return;
        }

        if (ValueLeaves.Difference(raised, read) is { } difference) Report(path, difference);
    }

    private void CompareInside(object raised, object read, Path path)
    {
        if (raised is Array array)
        {
            CompareArrays(array, (Array)read, path);
            return;
        }

        var type = raised.GetType();
        if (SpanLike.TryAsArrays(raised, read) is var (raisedItems, readItems))
        {
            CompareArrays(raisedItems, readItems, path);
            return;
        }

        var collection = CollectionKinds.BaseOf(type);
        for (var at = type; at is not null && at != typeof(object) && at != collection; at = at.BaseType)
        {
            foreach (var field in ContentFields.DeclaredBy(at))
            {
                Enqueue(
                    field.GetValue(raised), field.GetValue(read), field.FieldType, path, ContentFields.NameOf(field));
            }
        }

        if (collection is null) return;
        CompareComparers(collection, raised, read, path);
        var element = CollectionKinds.ElementOf(collection);
        if (CollectionKinds.IsOrdered(collection))
            CompareElements((IEnumerable)raised, (IEnumerable)read, element, path);
        else
            CompareUnordered((IEnumerable)raised, (IEnumerable)read, element, path);
    }

    private void CompareArrays(Array raised, Array read, Path path)
    {
        for (var rank = 0; rank < raised.Rank; rank++)
        {
            if (raised.GetLowerBound(rank) == read.GetLowerBound(rank)
                && raised.GetLength(rank) == read.GetLength(rank)) continue;
            Report(path, "comes back in another size");
            return;
        }

        var element = raised.GetType().GetElementType()!;

        // The usual content of large arrays: without an object for each element.
        if (_search is null && raised is byte[] bytes)
        {
            if (!bytes.AsSpan().SequenceEqual((byte[])read)) Report(path, "comes back with another value");
            return;
        }

        CompareElements(raised, read, element, path);
    }

    private void CompareElements(IEnumerable raised, IEnumerable read, Type element, Path path)
    {
        var (at, others) = (0, read.GetEnumerator());
        foreach (var one in raised)
        {
            if (!others.MoveNext())
            {
                Report(path, "comes back with fewer elements");
                return;
            }

            if (!AreEqualLeaves(one, others.Current)) _open.Enqueue(new(one, others.Current, element, new(path, at)));
            at++;
        }

        if (others.MoveNext()) Report(path, "comes back with more elements");
    }

    // Most elements are: they need no entry in the queue.
    private bool AreEqualLeaves(object? raised, object? read) => _search is null
        && raised is not null && read is not null && raised.GetType() == read.GetType() && ValueLeaves.IsLeaf(raised)
        && ValueLeaves.Difference(raised, read) is null;

    private void CompareUnordered(IEnumerable raised, IEnumerable read, Type element, Path path)
    {
        var others = new Dictionary<object, object>();
        foreach (var other in read) others.TryAdd(KeyOf(other), other);
        var count = 0;
        foreach (var one in raised)
        {
            count++;
            if (!others.TryGetValue(KeyOf(one), out var other))
            {
                Report(path, "comes back with other elements");
                return;
            }

            _open.Enqueue(new(one, other, element, new(path, count - 1)));
        }

        if (count != others.Count) Report(path, "comes back with other elements");

        static object KeyOf(object one) => one.GetType() is { IsGenericType: true } type
            && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>)
                ? type.GetProperty("Key")!.GetValue(one)!
                : one;
    }

    private void CompareComparers(Type collection, object raised, object read, Path path)
    {
        foreach (var name in (string[])["Comparer", "KeyComparer", "ValueComparer"])
        {
            if (collection.GetProperty(name) is { } property)
                Enqueue(property.GetValue(raised), property.GetValue(read), typeof(object), path, name);
        }
    }

    private void Enqueue(object? raised, object? read, Type declared, Path path, string member) =>
        _open.Enqueue(new(raised, read, declared, new(path, member)));

    private void Report(Path path, string difference)
    {
        if (_search is null) _found ??= $"{path} {difference}.";
    }

    private readonly record struct Pair(object? Raised, object? Read, Type Declared, Path Path);

    /// <summary>The path to a value from the event; made into text only when it is reported.</summary>
    private sealed class Path(Path? outer, object step)
    {
        private const int StepsMax = 16;

        public int Depth { get; } = outer is null ? 0 : outer.Depth + 1;

        private Path? Outer => outer;

        private object Step => step;

        // The outer and the inner end of a long one: it goes into a message.
        public override string ToString()
        {
            var text = "";
            var at = this;
            for (var steps = 0; at.Outer is not null && steps < StepsMax; at = at.Outer, steps++)
                text = (at.Step is int index ? $"[{index}]" : $".{at.Step}") + text;
            var root = at;
            while (root.Outer is not null) root = root.Outer;
            return ReferenceEquals(root, at) ? $"{root.Step}{text}" : $"{root.Step}...{text}";
        }
    }

    private sealed class PairIdentity : IEqualityComparer<(object, object)>
    {
        public static readonly PairIdentity Instance = new();

        public bool Equals((object, object) x, (object, object) y) =>
            ReferenceEquals(x.Item1, y.Item1) && ReferenceEquals(x.Item2, y.Item2);

        public int GetHashCode((object, object) pair) => HashCode.Combine(
            RuntimeHelpers.GetHashCode(pair.Item1), RuntimeHelpers.GetHashCode(pair.Item2));
    }
}
