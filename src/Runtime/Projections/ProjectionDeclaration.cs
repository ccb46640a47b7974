namespace Granary.Runtime;

/// <summary>What a projection's constructor declares.</summary>
internal sealed class ProjectionDeclaration
{
    private readonly List<string> _categories = [];
    private readonly Dictionary<Type, Func<object, RecordedEvent, IEnumerable<string>>> _keys = [];
    private readonly List<ProjectionColumn> _columns = [];

    public IReadOnlyList<string> Categories => _categories;

    public IReadOnlyDictionary<Type, Func<object, RecordedEvent, IEnumerable<string>>> Keys => _keys;

    public IReadOnlyList<ProjectionColumn> Columns => _columns;

    public void AddCategories(IEnumerable<string> categories)
    {
        foreach (var category in categories)
        {
            if (!StreamName.TryCreate(category, "key", out _, out var fault)) throw new ArgumentException(fault);
            if (!_categories.Contains(category)) _categories.Add(category);
        }
    }

    public void AddKeys(Type eventType, Func<object, RecordedEvent, IEnumerable<string>> keys)
    {
        if (!_keys.TryAdd(eventType, keys))
            throw new InvalidOperationException($"The key of {eventType.Name} is declared twice. Declare it once.");
    }

    public void AddColumn(ProjectionColumn column) => _columns.Add(column);
}
