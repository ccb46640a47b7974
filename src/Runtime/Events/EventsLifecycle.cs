using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Granary.Runtime;

/// <summary>
/// Checks the event types' names and the upcasters when the silo starts: what contradicts itself there stops the start,
/// instead of the first grain.
/// </summary>
internal sealed class EventsLifecycle(IServiceProvider services) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(EventsLifecycle), ServiceLifecycleStage.First, Check);

    private Task Check(CancellationToken cancellationToken)
    {
        _ = services.GetRequiredService<IOptions<GranaryEventOptions>>().Value;
        _ = services.GetRequiredService<Upcasting>();
        services.GetRequiredService<EventTypeRegistry>().CheckAllGrains();
        return Task.CompletedTask;
    }
}
