namespace Granary.Tests.Conformance.SelfTest;

/// <summary>Enrols <see cref="FaultyStore"/> as any store is enrolled; the self-test sets the fault.</summary>
public sealed class FaultyThreePartitions(Fault fault) : TestStore(partitions: 3)
{
    private static readonly AsyncLocal<Fault> Chosen = new();

    private readonly FaultyData _data = new(partitions: 3);
    private readonly FaultyModels _models = new();

    /// <summary>For the suites, which make their stores themselves.</summary>
    public FaultyThreePartitions()
        : this(Chosen.Value)
    {
    }

    public static void Choose(Fault fault) => Chosen.Value = fault;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _models.Dispose();
    }

    protected override OpenStore Open()
    {
        var store = new FaultyStore(_data, fault);
        return new(store, store, store, store, store) { Models = new FaultyModelStore(_models, fault) };
    }
}
