using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Granary.Gateway;

/// <summary>Reads the names in a path before anything else of the pipeline sees the path.</summary>
internal sealed class RequestTargetFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (context, following) =>
        {
            RequestTarget.Take(context);
            return following(context);
        });
        next(app);
    };
}
