using System.Net;
using Granary;
using Granary.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Orleans.Hosting;

/// <summary>Adds what has effects once an event is recorded.</summary>
public static class ReactorsGranaryBuilderExtensions
{
    /// <summary>
    /// Adds a <see cref="Reactor"/>. The class is made once a silo, with the silo's services as its constructor's
    /// arguments. A new reactor begins at the end of the log.
    /// </summary>
    /// <typeparam name="TReactor">The reactor.</typeparam>
    /// <param name="builder">The builder of <c>AddGranary</c>.</param>
    /// <param name="configure">Sets how it begins and tries; null for the defaults.</param>
    /// <exception cref="ArgumentException">It has no name, or an option is out of its range.</exception>
    /// <exception cref="InvalidOperationException">
    /// It has no <c>React</c> method, or one that is not as it has to be; the message names it.
    /// </exception>
    public static IGranaryBuilder AddReactor<TReactor>(
        this IGranaryBuilder builder, Action<ReactorOptions>? configure = null)
        where TReactor : Reactor
    {
        var (name, methods, options) =
            (ReactorNames.Of(typeof(TReactor)), ReactorMethods.Of(typeof(TReactor)), new ReactorOptions());
        configure?.Invoke(options);
        options.Check(name);
        return builder.Add(services =>
        {
            var reactor = ActivatorUtilities.CreateInstance<TReactor>(services);
            var effects = new ReactorEffects(reactor, methods, services.GetRequiredService<EventDecoder>());
            return new EffectReader(name, effects, options)
            {
                Filter = new LogFilter { Categories = reactor.CategoryNames },
            };
        });
    }

    /// <summary>
    /// Adds a webhook: each event is sent to an address as a signed CloudEvent, at least once. The reader of the log is
    /// called <c>webhook-</c> and its name. A new webhook begins at the end of the log.
    /// </summary>
    /// <param name="builder">The builder of <c>AddGranary</c>.</param>
    /// <param name="name">
    /// Its name: a lower-case letter, then lower-case letters, digits, dashes and underscores; at most 100 characters.
    /// </param>
    /// <param name="configure">Sets where events are sent, and how.</param>
    /// <exception cref="ArgumentException">The name or an option is not allowed; the message names it.</exception>
    public static IGranaryBuilder AddWebhook(
        this IGranaryBuilder builder, string name, Action<WebhookOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var (reader, options) = (ReactorNames.OfWebhook(name), new WebhookOptions());
        configure(options);
        WebhookRules.Check(name, options);

        // The container disposes of it, with its connections.
        builder.Services.AddKeyedSingleton(reader, (services, _) => new Webhook(
            options, services.GetRequiredService<TimeProvider>(), Dns.GetHostAddressesAsync));
        return builder.Add(
            services => Webhook.Read(reader, services.GetRequiredKeyedService<Webhook>(reader), options));
    }

    /// <summary>Sets what is kept in the ledger of effects.</summary>
    public static IGranaryBuilder ConfigureEffectLedger(
        this IGranaryBuilder builder, Action<EffectLedgerOptions> configure)
    {
        builder.Services.Configure(configure);
        return builder;
    }

    private static IGranaryBuilder Add(this IGranaryBuilder builder, Func<IServiceProvider, EffectReader> create)
    {
        var services = builder.Services;
        services.AddSingleton(new EffectReaderFactory(create));
        if (services.Any(static one => one.ServiceType == typeof(ReactorSource))) return builder;
        services.AddOptions<EffectLedgerOptions>().ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ReactorSource>();
        services.AddSingleton<IWorkerSource>(static provider => provider.GetRequiredService<ReactorSource>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
            static provider => provider.GetRequiredService<ReactorSource>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, EffectPruner>();
        services.TryAddSingleton(static provider =>
            new EffectLedger(ModelStores.Get(provider), provider.GetRequiredService<TimeProvider>()));
        return builder;
    }
}
