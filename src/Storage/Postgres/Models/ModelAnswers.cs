using Npgsql;

namespace Granary.Storage.Postgres;

/// <summary>What the functions for models answer by an error of their own.</summary>
internal static class ModelAnswers
{
    public const string Overtaken = "GR001";
    public const string RowsChanged = "GR002";
    public const string Landed = "GR003";

    /// <summary>The typed error of a table or view that is not as it must be; null where it is another error.</summary>
    public static GranaryException? Find(GranaryException fault, IEnumerable<ModelTable> tables, string store)
    {
        if (PostgresErrors.AnswerOf(fault) is not { } answer) return null;
        var name = answer.TableName ?? string.Join("', '", tables.Select(static one => one.Name));
        return answer.SqlState switch
        {
            "GR004" => ModelFaults.NameOfView(name),
            "GR005" => ModelFaults.OtherColumns(
                tables.FirstOrDefault(one => one.Name == name) ?? new ModelTable(name)),
            "GR006" => new StoreSchemaException(
                $"'{name}' is the name of something else in {store}, so no table or view of models can have it. "
                + "Choose another one.", answer),
            "GR007" => new StoreSchemaException(
                $"Models cannot be kept in {store}: {answer.MessageText}. They need one that is UTF8.", answer),
            "GR008" => ModelFaults.NameOfTable(name),

            // It was dropped after it was looked for.
            "GR009" or PostgresErrorCodes.UndefinedTable => ModelFaults.NoTable(name),
            PostgresErrorCodes.DuplicateColumn => new StoreSchemaException(
                $"A column of '{name}' has a name that PostgreSQL needs itself: {answer.MessageText}. Choose another "
                + "one.", answer),
            _ => null,
        };
    }
}
