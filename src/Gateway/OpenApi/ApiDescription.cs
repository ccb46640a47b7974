using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Granary.Gateway;

/// <summary>Makes the OpenAPI document describe what is really accepted and answered.</summary>
internal static class ApiDescription
{
    /// <summary>The name of the document, and of the group that its calls are in.</summary>
    public const string Document = "granary";

    /// <summary>
    /// Lets a call of any content type reach its handler, which refuses what it does not accept: routing would do so
    /// without a problem document.
    /// </summary>
    public const string AnyType = "*/*";

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = static call => call.GroupName == Document;
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Granary", Version = "v1", Description = "The event store." };
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            Correct(schema, context);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            foreach (var parameter in context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiParameter>())
                parameter.AddTo(operation);
            if (operation.RequestBody?.Content is { Count: 2 } content) content.Remove(AnyType);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Sends the document. The application may describe calls of its own in documents of other names.
    /// </summary>
    public static async Task WriteAsync(
        HttpContext context, [FromKeyedServices(Document)] IOpenApiDocumentProvider provider)
    {
        var document = await provider.GetOpenApiDocumentAsync(context.RequestAborted);
        var request = context.Request;
        document.Servers = [new OpenApiServer { Url = $"{request.Scheme}://{request.Host}{request.PathBase}" }];
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1, context.RequestAborted);
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json.GetBuffer().AsMemory(0, (int)json.Length), context.RequestAborted);
    }

    /// <summary>The bodies that an append may have, each under its content type.</summary>
    public static async Task DescribeBodiesAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.RequestBody?.Content is not { } content) return;
        var one = content["application/json"].Schema!;
        content["application/json"].Schema = new OpenApiSchema { OneOf = [one, ArrayOf(one)] };
        var cloudEvent = await context.GetOrCreateSchemaAsync(
            typeof(CloudEventRequest), cancellationToken: cancellationToken);
        cloudEvent.AdditionalPropertiesAllowed = true;
        content[CloudEvents.Structured].Schema = cloudEvent;
        content[CloudEvents.Batch].Schema = ArrayOf(cloudEvent);
        content[AnyType].Schema = new OpenApiSchema
        {
            Description = "The data of a CloudEvent whose attributes are ce- headers, in its own content type.",
        };
    }

    private static OpenApiSchema ArrayOf(IOpenApiSchema items) =>
        new() { Type = JsonSchemaType.Array, Items = items, MinItems = 1 };

    // The generator describes what the serializer could read; this is what the API accepts and answers.
    private static void Correct(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = context.JsonTypeInfo.Type;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(long) || type == typeof(int))
            (schema.Type, schema.Pattern) = (JsonSchemaType.Integer, null);
        if (type == typeof(decimal))
        {
            var answered = context.JsonPropertyInfo?.DeclaringType == typeof(AccountView);
            schema.Type = answered ? JsonSchemaType.Number : JsonSchemaType.Number | JsonSchemaType.String;
            schema.Format = "decimal";
            if (answered) schema.Pattern = null;
        }

        if (type == typeof(AccountStatus))
        {
            schema.Type = JsonSchemaType.String;
            schema.Enum = [.. Enum.GetValues<AccountStatus>()
                .Select(static one => (JsonNode)JsonSerializer.SerializeToNode(one, GatewayJson.Shared.Options)!)];
        }

        if (type == typeof(DateTimeOffset)) (schema.Type, schema.Format) = (JsonSchemaType.String, "date-time");
        if (type == typeof(RawJson)) (schema.Type, schema.Properties, schema.Required) = (null, null, null);
    }
}
