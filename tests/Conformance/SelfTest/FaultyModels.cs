namespace Granary.Tests.Conformance.SelfTest;

/// <summary>What all instances of a <see cref="FaultyModelStore"/> share, as processes share a database.</summary>
internal sealed class FaultyModels
{
    public Lock Lock { get; } = new();

    public Dictionary<string, FaultyTable> Tables { get; } = [];

    public Dictionary<string, string> Views { get; } = [];

    public Dictionary<(string Name, LogPartition Partition), ModelCheckpoint> Checkpoints { get; } = [];

    public void Clear()
    {
        Tables.Clear();
        Views.Clear();
        Checkpoints.Clear();
    }
}

/// <summary>A table with its rows and the values of their columns.</summary>
internal sealed class FaultyTable(ModelTable table)
{
    public ModelTable Table => table;

    public Dictionary<string, (ModelRow Row, IReadOnlyList<object?> Values)> Rows { get; } = [];
}
