namespace Granary.Tests.Unit.Journaling;

/// <summary>The context of a grain whose turns the test runs.</summary>
internal sealed class ManualContext(TurnScheduler turns) : IGrainContext
{
    private readonly Dictionary<Type, object> _components = [];

    /// <summary>Why the grain is to deactivate; null where it is not.</summary>
    public DeactivationReason? Deactivation { get; private set; }

    public IWorkItemScheduler Scheduler => turns;

    public GrainId GrainId { get; } = GrainId.Create("words", "one");

    public object? GrainInstance => null;

    public ActivationId ActivationId => default;

    public Task Deactivated => Task.CompletedTask;

    public GrainReference GrainReference => throw new NotSupportedException();

    public GrainAddress Address => throw new NotSupportedException();

    public IServiceProvider ActivationServices => throw new NotSupportedException();

    public IGrainLifecycle ObservableLifecycle => throw new NotSupportedException();

    public TTarget? GetTarget<TTarget>()
        where TTarget : class => null;

    public object? GetTarget() => null;

    public TComponent? GetComponent<TComponent>()
        where TComponent : class => GetComponent(typeof(TComponent)) as TComponent;

    public object? GetComponent(Type componentType) => _components.GetValueOrDefault(componentType);

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class => _components[typeof(TComponent)] = value!;

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) =>
        Deactivation ??= deactivationReason;

    public void ReceiveMessage(object message) => throw new NotSupportedException();

    public void Activate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public void Rehydrate(IRehydrationContext context) => throw new NotSupportedException();

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);
}
