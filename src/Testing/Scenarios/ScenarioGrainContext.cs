using System.Reflection;
using Orleans.Metadata;

namespace Granary.Testing;

/// <summary>As much of a grain's context as a grain without a cluster can have: its identity.</summary>
internal sealed class ScenarioGrainContext(GrainId id, Grain grain) : IGrainContext
{
    private readonly Dictionary<Type, object> _components = [];

    public GrainId GrainId => id;

    public object? GrainInstance => grain;

    public ActivationId ActivationId { get; } = default;

    public Task Deactivated => Task.CompletedTask;

    public GrainReference GrainReference => throw Missing(nameof(GrainReference));

    public GrainAddress Address => throw Missing(nameof(Address));

    public IServiceProvider ActivationServices => throw Missing(nameof(ActivationServices));

    public IGrainLifecycle ObservableLifecycle => throw Missing(nameof(ObservableLifecycle));

    public IWorkItemScheduler Scheduler => throw Missing(nameof(Scheduler));

    /// <summary>The grain type that Orleans would give the class.</summary>
    public static GrainType TypeOf(Grain grain)
    {
        var type = grain.GetType();
        if (type.GetCustomAttribute<GrainTypeAttribute>() is IGrainTypeProviderAttribute named)
            return named.GetGrainType(null!, type);
        var name = type.Name.ToLowerInvariant();
        return GrainType.Create(name.EndsWith("grain", StringComparison.Ordinal) ? name[..^"grain".Length] : name);
    }

    public TTarget? GetTarget<TTarget>()
        where TTarget : class => grain as TTarget;

    public object? GetTarget() => grain;

    public TComponent? GetComponent<TComponent>()
        where TComponent : class => _components.GetValueOrDefault(typeof(TComponent)) as TComponent;

    public object? GetComponent(Type componentType) => _components.GetValueOrDefault(componentType);

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class
    {
        if (value is null) _components.Remove(typeof(TComponent));
        else _components[typeof(TComponent)] = value;
    }

    public void ReceiveMessage(object message) => throw Missing(nameof(ReceiveMessage));

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        throw Missing(nameof(Activate));

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) =>
        throw Missing(nameof(Deactivate));

    public void Rehydrate(IRehydrationContext context) => throw Missing(nameof(Rehydrate));

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        throw Missing(nameof(Migrate));

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    private static NotSupportedException Missing(string what) =>
        new($"{what}: a scenario has no cluster; use {nameof(GranaryTestCluster)}.");
}
