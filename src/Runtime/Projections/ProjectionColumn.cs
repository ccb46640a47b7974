using System.Globalization;
using System.Linq.Expressions;
using System.Text;

namespace Granary.Runtime;

/// <summary>A declared column: which it is, and how its value is read from a model.</summary>
internal sealed record ProjectionColumn(ModelColumn Column, Func<object, object?> Read)
{
    /// <summary>Makes the column of a member.</summary>
    /// <exception cref="ArgumentException">It is no member, or of a type that no column holds.</exception>
    public static ProjectionColumn Of<TModel, TValue>(Expression<Func<TModel, TValue>> member, string? name)
    {
        if (member.Body is not MemberExpression path || !IsOf(path, member.Parameters[0]))
            throw new ArgumentException(
                $"'{member}' is no member of the model. Declare a column as in Column(model => model.Amount).");
        var (kind, convert) = KindOf(typeof(TValue))
            ?? throw new ArgumentException(
                $"{typeof(TModel).Name}.{path.Member.Name} is a {typeof(TValue).Name}, which no column holds. Declare "
                + "a member of text, a number, a bool, a DateTimeOffset, a DateOnly, an enum or a Guid.");
        var read = member.Compile();
        return new ProjectionColumn(
            new ModelColumn(name ?? SnakeCase(path.Member.Name), kind),
            model => read((TModel)model) is { } value ? convert(value) : null);
    }

    private static bool IsOf(MemberExpression path, ParameterExpression model)
    {
        var at = path.Expression;
        while (at is MemberExpression of) at = of.Expression;
        return at == model;
    }

    private static (ModelColumnKind Kind, Func<object, object> Convert)? KindOf(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string)) return (ModelColumnKind.Text, static value => value);
        if (type == typeof(bool)) return (ModelColumnKind.Boolean, static value => value);
        if (type == typeof(decimal)) return (ModelColumnKind.Decimal, static value => value);
        if (type == typeof(DateTimeOffset)) return (ModelColumnKind.Time, static value => value);
        if (type == typeof(double)) return (ModelColumnKind.Number, static value => value);
        if (type == typeof(float)) return (ModelColumnKind.Number, static value => (double)(float)value);
        if (type == typeof(ulong)) return (ModelColumnKind.Decimal, static value => (decimal)(ulong)value);
        if (type.IsEnum || type == typeof(Guid) || type == typeof(char))
            return (ModelColumnKind.Text, static value => value.ToString()!);
        if (type == typeof(DateOnly))
            return (ModelColumnKind.Text,
                static value => ((DateOnly)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (type == typeof(long) || type == typeof(int) || type == typeof(short) || type == typeof(sbyte)
            || type == typeof(uint) || type == typeof(ushort) || type == typeof(byte))
            return (ModelColumnKind.Integer, static value => Convert.ToInt64(value, CultureInfo.InvariantCulture));
        return null;
    }

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var begins = char.IsUpper(name[i]) && i > 0
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins && name[i - 1] != '_') text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
