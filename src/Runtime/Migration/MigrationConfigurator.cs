using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Orleans.EventSourcing;
using Orleans.Metadata;
using Orleans.Runtime.Placement;

namespace Granary.Runtime;

/// <summary>
/// Gives every journaled grain that can migrate its <see cref="MigrationParticipant"/> when its context is made. A
/// grain that is not in the directory, a stateless worker, stays on its silo, and its context takes no components.
/// </summary>
internal sealed class MigrationConfigurator(
    GrainClassMap classes, PlacementStrategyResolver placements, ILogger<MigrationParticipant> logger)
    : IConfigureGrainContextProvider, IConfigureGrainContext
{
    public bool TryGetConfigurator(
        GrainType grainType, GrainProperties properties, [NotNullWhen(true)] out IConfigureGrainContext? configurator)
    {
        configurator = classes.TryGetGrainClass(grainType, out var grainClass)
            && typeof(ILogConsistencyProtocolParticipant).IsAssignableFrom(grainClass)
            && placements.GetPlacementStrategy(grainType).IsUsingGrainDirectory ? this : null;
        return configurator is not null;
    }

    public void Configure(IGrainContext context)
    {
        var participant = new MigrationParticipant(logger.Guarded());
        context.SetComponent(participant);
        context.ObservableLifecycle.AddMigrationParticipant(participant);
    }
}
