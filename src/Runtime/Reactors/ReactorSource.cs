namespace Granary.Runtime;

/// <summary>
/// The reactors and webhooks of a silo, as readers of the log. They are made when the silo starts: what is wrong with
/// one stops the start.
/// </summary>
internal sealed class ReactorSource : IWorkerSource, ILifecycleParticipant<ISiloLifecycle>
{
    private readonly Lazy<IReadOnlyList<WorkerDefinition>> _definitions;

    public ReactorSource(IEnumerable<EffectReaderFactory> readers, IServiceProvider services) =>
        _definitions = new(() => Define(readers, services));

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<WorkerDefinition>> ReadAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(_definitions.Value);

    /// <inheritdoc />
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(ReactorSource),
        ServiceLifecycleStage.RuntimeInitialize,
        CreateAsync);

    private Task CreateAsync(CancellationToken cancellationToken)
    {
        _ = _definitions.Value;
        return Task.CompletedTask;
    }

    private static IReadOnlyList<WorkerDefinition> Define(
        IEnumerable<EffectReaderFactory> readers, IServiceProvider services)
    {
        var made = readers.Select(one => one.Create(services)).ToArray();
        if (made.Length == 0) return [];
        var shared = EffectServices.Of(services);
        return [.. made.Select(one => one.Define(shared))];
    }
}

/// <summary>Makes a reader of the log that has effects, from the silo's services.</summary>
internal sealed record EffectReaderFactory(Func<IServiceProvider, EffectReader> Create);
