using System.Text.Json;
using System.Text.Json.Nodes;
using Granary.Contracts;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Granary.Gateway;

/// <summary>Makes the OpenAPI document say what is really taken and answered.</summary>
internal static class ApiDescription
{
    private static readonly string[] Instants = ["timestamp", "created", "updated"];

    public static void Configure(OpenApiOptions options)
    {
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
            return Task.CompletedTask;
        });
    }

    /// <summary>The bodies that an append may have, each under its content type.</summary>
    public static async Task DescribeBodiesAsync(
        OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (operation.RequestBody?.Content is not { } content) return;
        var one = content["application/json"].Schema!;
        content["application/json"].Schema = new OpenApiSchema { OneOf = [one, ArrayOf(one)] };
        var cloudEvent = await context.GetOrCreateSchemaAsync(
            typeof(CloudEventDescription), cancellationToken: cancellationToken);
        cloudEvent.AdditionalPropertiesAllowed = true;
        content[CloudEvents.Structured].Schema = cloudEvent;
        content[CloudEvents.Batch].Schema = ArrayOf(cloudEvent);
        content["*/*"].Schema = new OpenApiSchema
        {
            Description = "The data of a CloudEvent whose attributes are ce- headers, in its own content type.",
        };
    }

    private static OpenApiSchema ArrayOf(IOpenApiSchema items) =>
        new() { Type = JsonSchemaType.Array, Items = items, MinItems = 1 };

    // The generator knows what the serializer could read; this is what the API takes and gives.
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
                .Select(static one => (JsonNode)JsonSerializer.SerializeToNode(one, Answers.Json)!)];
        }

        if (context.JsonPropertyInfo is { } property && Instants.Contains(property.Name)) schema.Format = "date-time";
    }
}
