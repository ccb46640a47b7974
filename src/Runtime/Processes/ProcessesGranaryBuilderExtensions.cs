using Granary;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orleans.Hosting;

/// <summary>Adds process managers.</summary>
public static class ProcessesGranaryBuilderExtensions
{
    /// <summary>
    /// Adds a <see cref="ProcessManager{TState,TEvent}"/>: a reader of the log calls it for each of its own events, and
    /// for those of the categories that are named. A new one begins at the start of the log.
    /// </summary>
    /// <typeparam name="TProcess">The process manager's class.</typeparam>
    /// <param name="builder">The builder of <c>AddGranary</c>.</param>
    /// <param name="name">
    /// The reader's name, also that of its checkpoints: a lower-case letter, then lower-case letters, digits, dashes
    /// and underscores; at most 100 characters. Under another name it handles the whole log again.
    /// </param>
    /// <param name="feed">Names the categories that it is fed with beside its own; null for none.</param>
    /// <exception cref="ArgumentException">
    /// The name is not allowed, the class is no process manager, or a category is not allowed.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// It has no <c>On</c> method, or one that is not as it has to be; the message names it.
    /// </exception>
    public static IGranaryBuilder AddProcessManager<TProcess>(
        this IGranaryBuilder builder, string name, Action<ProcessFeeds>? feed = null)
        where TProcess : Grain
    {
        if (!typeof(IProcessGrain).IsAssignableFrom(typeof(TProcess)))
            throw new ArgumentException(
                $"{typeof(TProcess)} is no process manager. Derive it from ProcessManager<TState, TEvent>.");
        ReactorNames.Check(name);
        _ = ProcessMethods.Of(typeof(TProcess));
        var feeds = new ProcessFeeds();
        feed?.Invoke(feeds);
        var services = builder.Services;
        services.AddSingleton(new ProcessRegistration(name, typeof(TProcess), feeds));
        if (services.Any(static one => one.ServiceType == typeof(ProcessServices))) return builder;
        services.TryAddSingleton<ProcessEvents>();
        services.TryAddSingleton<ProcessDeadlines>();
        services.TryAddSingleton<ProcessServices>();
        services.AddSingleton<IWorkerSource, ProcessSource>();
        services.AddSingleton<ISupervised>(static provider => provider.GetRequiredService<ProcessDeadlines>());
        return builder;
    }
}
